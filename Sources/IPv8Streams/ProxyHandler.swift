import IPv8Wire
import NIOCore

/// Asks an HTTP proxy for a tunnel, and leaves the channel to what is to go through it.
final class ProxyHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let request: [UInt8]
  /// Puts TLS in this handler's place.
  private let established: (ChannelHandlerContext) throws -> Void
  private var answer: [UInt8] = []

  init(_ request: [UInt8], established: @escaping (ChannelHandlerContext) throws -> Void) {
    self.request = request
    self.established = established
  }

  /// The channel is connected by now.
  func handlerAdded(context: ChannelHandlerContext) {
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(bytes: request)), promise: nil)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    answer += unwrapInboundIn(data).readableBytesView
    switch WebSocketHandshake.status(ofResponse: answer) {
    case .incomplete: return
    case .whole(.some(200..<300), let next) where next == answer.count:
      do {
        try established(context)
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
      } catch {
        context.close(promise: nil)
      }
    // Nothing may come before TLS begins, which is ours to do.
    case .whole, .malformed: context.close(promise: nil)
    }
  }
}
