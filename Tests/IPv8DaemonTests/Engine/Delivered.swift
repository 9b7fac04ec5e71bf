import IPv8Platform
import Synchronization

/// Packets that reached a host's programs, and what its threads had to say in the end.
final class Delivered: Sendable {
  private let count: Int
  private let state = Mutex((packets: [[UInt8]](), outcome: ThreadedLane.Outcome()))
  /// Signalled when all have come.
  let complete: Waker?

  init(count: Int) {
    self.count = count
    complete = try? Waker()
  }

  func add(_ packets: [[UInt8]]) {
    let isComplete = state.withLock { state in
      state.packets += packets
      return state.packets.count >= count
    }
    if isComplete { complete?.signal() }
  }

  func note(_ change: (inout ThreadedLane.Outcome) -> Void) {
    state.withLock { change(&$0.outcome) }
  }

  var packets: [[UInt8]] { state.withLock { $0.packets } }
  var outcome: ThreadedLane.Outcome { state.withLock { $0.outcome } }
}
