import FoundationEssentials
import NIOCore
import NIOHTTP1

extension ControlConnection {
  /// Sends events until the client has gone or takes too long, the server ends, or there is nothing
  /// more to tell. The connection is over then.
  func send(_ subscription: PathSubscription) async {
    let sending = Task {
      do {
        try await sendHead()
        try await sendEvents(of: subscription)
      } catch {
        // The client went away or the server ends: nobody is left to tell.
      }
    }
    channel.closeFuture.whenComplete { _ in sending.cancel() }
    await withTaskCancellationHandler {
      await sending.value
    } onCancel: {
      sending.cancel()
    }
  }

  private func sendEvents(of subscription: PathSubscription) async throws {
    try await write(PathSubscription.event("path", subscription.first))
    while true {
      try await pause(subscription.milliseconds)
      switch await unlessEnding({ await Self.result(subscription.next) }) {
      case .success(let json): try await write(PathSubscription.event("path", json))
      case .failure(let error):
        let json = try ControlJSON.encode(ErrorReport(error))
        return try await write(PathSubscription.event("error", json))
      case nil: return
      }
    }
  }

  private static func result<T>(
    _ body: () async throws(ControlError) -> T
  ) async -> Result<T, ControlError> {
    do throws(ControlError) { return .success(try await body()) } catch { return .failure(error) }
  }

  private func pause(_ milliseconds: Int) async throws {
    var rest = milliseconds
    while rest > PathSubscription.silence {
      try await Task.sleep(for: .milliseconds(PathSubscription.silence))
      rest -= PathSubscription.silence
      try await write(PathSubscription.comment)
    }
    try await Task.sleep(for: .milliseconds(rest))
  }

  private func sendHead() async throws {
    let headers: HTTPHeaders = [
      "Content-Type": "text/event-stream", "Cache-Control": "no-store", "Connection": "close",
    ]
    let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: headers)
    try await channel.closing(after: Self.answerLimit) {
      try await channel.writeAndFlush(HTTPServerResponsePart.head(head)).get()
    }
  }

  /// Returns when the kernel has taken all of it: what a client does not take in time ends its
  /// connection, and nothing piles up for it.
  private func write(_ bytes: Data) async throws {
    try await channel.closing(after: Self.answerLimit) {
      let buffer = ByteBuffer(bytes: bytes)
      try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(buffer))).get()
    }
  }
}
