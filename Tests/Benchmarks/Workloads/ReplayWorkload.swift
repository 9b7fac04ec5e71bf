import IPv8Wire
import P2TP

/// Asks a replay window about counters as records bring them, and marks those that are new.
final class ReplayWorkload: Workload {
  enum Order {
    case inOrder
    /// Any order within groups of so many.
    case shuffled(Int)
    /// Counters that were marked before.
    case replayed
  }

  let packetCount = 1024
  private(set) var isComplete = false
  private let isReplayed: Bool
  private let offsets: [UInt64]
  private var window = ReplayWindow()
  private var base: UInt64 = 0

  init(_ order: Order, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var offsets = Array(0..<UInt64(packetCount))
    if case .shuffled(let group) = order {
      for start in stride(from: 0, to: packetCount, by: group) {
        offsets[start..<min(start + group, packetCount)].shuffle(using: &random)
      }
    }
    self.offsets = offsets
    if case .replayed = order {
      isReplayed = true
      _ = pass()
    } else {
      isReplayed = false
    }
  }

  func prepare() { if !isReplayed { base += UInt64(packetCount) } }

  func run() { isComplete = pass() == (isReplayed ? 0 : packetCount) }

  /// How many counters were new.
  private func pass() -> Int { Self.pass(offsets, from: base, &window) }

  private static func pass(
    _ offsets: [UInt64], from base: UInt64, _ window: inout ReplayWindow
  ) -> Int {
    var accepted = 0
    for offset in offsets {
      let truncated = UInt32(truncatingIfNeeded: base + offset) & P2TPHeader.fieldMask
      let counter = window.expand(truncated)
      guard window.accepts(counter) else { continue }
      window.mark(counter)
      accepted += 1
    }
    return accepted
  }
}
