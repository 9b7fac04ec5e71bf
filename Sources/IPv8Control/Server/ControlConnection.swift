import NIOCore
import NIOHTTP1

/// One client of the server: its requests, one after another.
struct ControlConnection: Sendable {
  private typealias Parts = NIOAsyncChannelInboundStream<HTTPServerRequestPart>

  /// For a request to arrive whole, counted from the answer to the one before.
  static let requestLimit = TimeAmount.seconds(10)
  /// For the client to take an answer.
  static let answerLimit = TimeAmount.seconds(10)
  /// For the backend to answer when the server ends.
  static let endLimit = TimeAmount.seconds(1)
  static let headerFieldLimit = 64
  /// Bytes of one header field, and of the request line.
  static let headerFieldSizeLimit = 8 << 10
  /// Bytes of all header fields.
  static let headerSizeLimit = 16 << 10

  private let stream: NIOAsyncChannel<HTTPServerRequestPart, Never>
  private let router: ControlRouter
  private let subscribers: Subscribers

  var channel: any Channel { stream.channel }

  /// Call it on the channel's event loop. The pipeline answers 400 to what is no HTTP.
  init(_ channel: any Channel, _ router: ControlRouter, _ subscribers: Subscribers) throws {
    var limits = NIOHTTPDecoderLimitConfiguration()
    limits.maxHeaderFieldCount = Self.headerFieldLimit
    limits.maxHeaderFieldSize = Self.headerFieldSizeLimit
    limits.maxHeaderListSize = Self.headerSizeLimit
    // An answer says its length; a stream of events ends with its connection.
    var encoding = HTTPResponseEncoder.Configuration()
    encoding.automaticallySetFramingHeaders = false
    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
      withEncoderConfiguration: encoding, withDecoderLimitConfiguration: limits)
    stream = try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    self.router = router
    self.subscribers = subscribers
  }

  /// Serves until the client has gone or took too long, or the task is cancelled; a request that
  /// has arrived is answered in any case.
  func serve() async {
    do {
      try await stream.executeThenClose { stream in
        var parts = stream.makeAsyncIterator()
        while let request = try await nextRequest(&parts) {
          switch await unlessEnding({ await router.answer(request) }) {
          case nil: return
          case .whole(let response): try await write(response, to: request)
          case .events(let subscription):
            guard await subscribers.enter() else {
              try await write(ControlResponse(failure: subscribers.refusal), to: request)
              break
            }
            await send(subscription)
            await subscribers.leave()
            return
          }
          guard request.keepsAlive else { return }
        }
      }
    } catch {
      // The client went away or broke the protocol: nobody is left to tell.
    }
  }

  private func nextRequest(
    _ parts: inout Parts.AsyncIterator
  ) async throws -> ControlRequest? {
    try await channel.closing(after: Self.requestLimit) {
      var request: ControlRequest?
      while let part = try await parts.next() {
        switch part {
        case .head(let head): request = ControlRequest(head)
        case .body(let bytes): request?.append(bytes)
        case .end: return request
        }
        if let request, request.isTooLarge { return request }
      }
      return nil
    }
  }

  /// What `body` returns; nil where the server ends and it does not return in time.
  func unlessEnding<T: Sendable>(_ body: @escaping @Sendable () async -> T) async -> T? {
    let (answers, given) = AsyncStream.makeStream(of: T.self)
    Task { given.yield(await body()) }
    let first = Task { await answers.first { _ in true } }
    return await withTaskCancellationHandler {
      await first.value
    } onCancel: {
      channel.eventLoop.scheduleTask(in: Self.endLimit) { first.cancel() }
    }
  }

  /// Returns when the kernel has taken all of it.
  private func write(_ response: ControlResponse, to request: ControlRequest) async throws {
    try await channel.closing(after: Self.answerLimit) {
      let head = response.head(keepsAlive: request.keepsAlive)
      channel.write(HTTPServerResponsePart.head(head), promise: nil)
      if request.method != .HEAD {
        let body = ByteBuffer(bytes: response.body)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(body)), promise: nil)
      }
      try await channel.writeAndFlush(HTTPServerResponsePart.end(nil)).get()
    }
  }
}
