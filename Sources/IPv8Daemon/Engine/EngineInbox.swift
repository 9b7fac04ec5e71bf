import IPv8Platform
import Synchronization

/// Hands commands from any thread to the engine's, in order.
final class EngineInbox: Sendable {
  /// Commands that wait; more are refused, which only a stuck engine brings about.
  static let limit = 16_384

  let waker: Waker
  /// Nil once the engine takes no more.
  private let commands = Mutex<[EngineCommand]?>([])

  init() throws(SystemError) { waker = try Waker() }

  /// False where too many wait or the engine has ended; the caller's reply will not come.
  @discardableResult
  func post(_ command: EngineCommand) -> Bool {
    let accepted = commands.withLock { commands in
      guard let count = commands?.count, count < Self.limit else { return false }
      commands?.append(command)
      return true
    }
    waker.signal()
    return accepted
  }

  /// Takes all that waits.
  func drain() -> [EngineCommand] {
    commands.withLock { commands in
      guard let waiting = commands else { return [] }
      commands = []
      return waiting
    }
  }

  /// Takes what waits for the last time; what is posted later is refused.
  func close() -> [EngineCommand] {
    commands.withLock { $0.take() ?? [] }
  }

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
