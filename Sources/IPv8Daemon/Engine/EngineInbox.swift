import IPv8Platform
import Synchronization

/// Hands commands from any thread to the engine's, in order.
final class EngineInbox: Sendable {
  /// Commands that wait; more are refused, which only a stuck engine brings about.
  static let limit = 16_384

  let waker: Waker
  private let commands = Mutex<[EngineCommand]>([])

  init() throws(SystemError) { waker = try Waker() }

  /// False where too many wait; the caller's reply will not come.
  @discardableResult
  func post(_ command: EngineCommand) -> Bool {
    let accepted = commands.withLock { commands in
      guard commands.count < Self.limit else { return false }
      commands.append(command)
      return true
    }
    waker.signal()
    return accepted
  }

  /// Takes all that waits.
  func drain() -> [EngineCommand] {
    commands.withLock { commands in
      defer { commands.removeAll(keepingCapacity: true) }
      return commands
    }
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
