import IPv8Platform
import Synchronization

/// Hands messages from any thread to the one that owns it, in order.
final class Inbox<Message: Sendable>: Sendable {
  let waker: Waker
  private let limit: Int
  /// Nil once the owner takes no more.
  private let messages = Mutex<[Message]?>([])

  /// - Parameter limit: messages that wait; more are refused.
  init(limit: Int) throws(SystemError) {
    self.limit = limit
    waker = try Waker()
  }

  /// False where too many wait or the owner has ended; a reply that the message carries will not
  /// come.
  ///
  /// - Parameters:
  ///   - isDispensable: of what strangers can send at will, which gets an eighth of the room: the
  ///     rest is for messages that must not be lost.
  ///   - isSilent: the owner is not woken for it; something that wakes it must follow.
  @discardableResult
  func post(_ message: Message, isDispensable: Bool = false, isSilent: Bool = false) -> Bool {
    let limit = isDispensable ? limit / 8 : limit
    let accepted = messages.withLock { messages in
      guard let count = messages?.count, count < limit else { return false }
      messages?.append(message)
      return true
    }
    if !isSilent { waker.signal() }
    return accepted
  }

  /// Takes all that waits.
  func drain() -> [Message] {
    messages.withLock { messages in
      guard let waiting = messages else { return [] }
      if !waiting.isEmpty { messages = [] }
      return waiting
    }
  }

  /// Takes what waits for the last time; what is posted later is refused.
  func close() -> [Message] {
    messages.withLock { $0.take() ?? [] }
  }
}

/// What the rest of the daemon asks of the engine.
typealias EngineInbox = Inbox<EngineCommand>

extension EngineInbox {
  /// Commands that wait at most, which only a stuck engine brings about.
  static let commandLimit = 16_384

  /// Posts a command that is answered, and waits for the answer; nil where it was refused.
  func ask<Value: Sendable>(
    _ make: (Reply<Value>) -> EngineCommand
  ) async -> Value? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
      let reply = Reply<Value> { continuation.resume(returning: $0) }
      if !post(make(reply)) { continuation.resume(returning: nil) }
    }
  }
}
