import IPv8Platform
import IPv8Traversal
import IPv8Wire
import NIOCore
import NIOTLS

/// A ``StreamLink`` on its channel, within TLS.
final class StreamHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  /// For the connection, a proxy, TLS and the handshake together.
  static let openingLimit = TimeAmount.seconds(10)
  /// A dialled stream pings so often; what is silent for `silenceLimit` is closed.
  static let pingInterval = TimeAmount.seconds(30)
  static let silenceLimit = Interval.seconds(100)
  /// Bytes written before it is looked whether the channel takes more.
  static let batchBytes = 16 << 10

  /// Who hears of the stream; called on its event loop.
  struct Listener {
    let opened: () -> Void
    let received: ([UInt8]) -> Void
    let ended: (_ wasOpen: Bool) -> Void
  }

  private var link: StreamLink
  private let isDialler: Bool
  private let listener: Listener
  private let port: StreamPort
  private var queue = StreamQueue()
  private var context: ChannelHandlerContext?
  private var deadline: Scheduled<Void>?
  private var heardAt = SystemClock.now()
  private var wasOpen = false
  private var hasEnded = false
  private var dropped: UInt64 = 0
  private var isPumping = false

  init(_ link: StreamLink, isDialler: Bool, port: StreamPort, listener: Listener) {
    self.link = link
    self.isDialler = isDialler
    self.port = port
    self.listener = listener
  }

  // MARK: The channel

  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.openingLimit) {
      context.close(promise: nil)
    }
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    deadline?.cancel()
    self.context = nil
    end()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case TLSUserEvent.handshakeCompleted = event, isDialler { write(link.request, flush: true) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    heardAt = SystemClock.now()
    var outputs: [StreamLink.Output] = []
    link.receive(Array(unwrapInboundIn(data).readableBytesView), into: &outputs)
    for output in outputs {
      switch output {
      case .send(let bytes): write(bytes, flush: true)
      case .opened: open(context)
      case .datagram(let datagram): listener.received(datagram)
      case .closed: context.close(promise: nil)
      }
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    pump()
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  /// TLS that fails, a connection that breaks: the stream ends, whatever the reason.
  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func open(_ context: ChannelHandlerContext) {
    wasOpen = true
    deadline?.cancel()
    port.count { $0.open += 1 }
    keepAlive(context)
    listener.opened()
  }

  private func end() {
    guard !hasEnded else { return }
    hasEnded = true
    deadline?.cancel()
    if wasOpen { port.count { $0.open -= 1 } }
    listener.ended(wasOpen)
  }

  private func keepAlive(_ context: ChannelHandlerContext) {
    deadline = context.eventLoop.assumeIsolated().scheduleTask(in: Self.pingInterval) {
      if SystemClock.now() - self.heardAt >= Self.silenceLimit {
        context.close(promise: nil)
      } else {
        if self.isDialler { self.write(self.link.ping(), flush: true) }
        self.keepAlive(context)
      }
    }
  }

  // MARK: Datagrams

  func send(_ datagram: [UInt8]) {
    guard link.isOpen, datagram.count <= StreamLink.datagramLimit else {
      port.count { $0.dropped += 1 }
      return
    }
    queue.append(datagram, at: SystemClock.now())
  }

  /// Writes what waits while the channel takes it: the kernel keeps little that is unsent, and what
  /// it does not take waits in the queue, where it can still be dropped.
  func pump() {
    // A flush tells of writability while it lasts; the loop below sees it afterwards.
    guard let context, !isPumping else { return }
    isPumping = true
    defer { isPumping = false }
    var sent: UInt64 = 0
    while context.channel.isWritable, !queue.isEmpty {
      var bytes = 0
      while bytes < Self.batchBytes, let datagram = queue.next(at: SystemClock.now()) {
        write(link.message(datagram), flush: false)
        bytes += datagram.count
        sent += 1
      }
      context.flush()
    }
    let dropped = queue.dropped - dropped
    guard sent + dropped > 0 else { return }
    self.dropped = queue.dropped
    port.count {
      $0.sent += sent
      $0.dropped += dropped
    }
  }

  private func write(_ bytes: [UInt8], flush: Bool) {
    guard let context else { return }
    context.write(wrapOutboundOut(ByteBuffer(bytes: bytes)), promise: nil)
    if flush { context.flush() }
  }

  /// Ends the stream in order.
  func hangUp() {
    if link.isOpen { write(link.close(), flush: true) }
    context?.close(promise: nil)
  }
}
