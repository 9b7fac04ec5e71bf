import NIOCore

extension Channel {
  /// What `body` returns; the channel is closed where that takes longer than `limit`, which ends
  /// every read and write in `body`.
  func closing<T>(after limit: TimeAmount, _ body: () async throws -> T) async throws -> T {
    let deadline = eventLoop.scheduleTask(in: limit) { self.close(promise: nil) }
    defer { deadline.cancel() }
    return try await body()
  }
}
