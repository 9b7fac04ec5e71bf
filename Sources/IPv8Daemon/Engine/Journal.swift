import IPv8Node
import IPv8Traversal
import IPv8Wire
import Logging

/// What the engine's threads leave for others to write down: facts for the store, lines for the log.
/// They never wait for them.
struct Journal: Sendable {
  enum Entry: Sendable {
    case note(StoreNote)
    case lifetimes(LifetimeCache.Entry)
    case failed(String)
  }

  /// Entries that wait for a slow disk; beyond it the oldest are lost, which costs a later start
  /// some convenience and nothing else.
  static let limit = 4096

  let entries: AsyncStream<Entry>
  private let continuation: AsyncStream<Entry>.Continuation
  private let logger: Logger

  init(logger: Logger) {
    (entries, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(Self.limit))
    self.logger = logger
  }

  func note(_ note: StoreNote) { continuation.yield(.note(note)) }

  func keep(_ lifetimes: LifetimeCache.Entry) { continuation.yield(.lifetimes(lifetimes)) }

  func tell(_ message: String) { logger.notice("\(message)") }

  func warn(_ message: String) { logger.warning("\(message)") }

  /// The engine cannot go on.
  func fail(_ message: String) {
    logger.critical("\(message)")
    continuation.yield(.failed(message))
  }

  func finish() { continuation.finish() }
}
