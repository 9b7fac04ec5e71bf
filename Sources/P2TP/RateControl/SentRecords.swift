/// How many bytes of data were sent below each counter, from few checkpoints: what is between two
/// of them is interpolated.
struct SentRecords: Sendable {
  struct Checkpoint: Sendable, Equatable {
    /// The counter of a record, and the bytes of all before it.
    var counter: UInt64
    var bytes: UInt64
  }

  /// Checkpoints kept; beyond it every second one goes, and they are set half as often.
  static let limit = 64

  /// The highest counter reported plus 1.
  private(set) var base = Checkpoint(counter: 0, bytes: 0)
  /// The next record's counter, and the bytes so far.
  private(set) var next = Checkpoint(counter: 0, bytes: 0)
  private(set) var checkpoints: [Checkpoint] = []
  private(set) var spacing: UInt64 = 1
  /// The counter from which on the next checkpoint is due.
  private var due: UInt64 = 1

  /// The record `counter` with `bytes` of data leaves; 0 where it has none.
  ///
  /// - Parameter isMarked: whether it is worth a checkpoint; without any, all that is out counts as equally
  ///   large.
  mutating func note(_ counter: UInt64, bytes: Int, isMarked: Bool = true) {
    if isMarked, counter >= due { mark(counter) }
    next = Checkpoint(counter: counter + 1, bytes: next.bytes + UInt64(bytes))
  }

  private mutating func mark(_ counter: UInt64) {
    if checkpoints.capacity < Self.limit { checkpoints.reserveCapacity(Self.limit) }
    if checkpoints.count == Self.limit {
      for index in 0..<Self.limit / 2 { checkpoints[index] = checkpoints[2 * index + 1] }
      checkpoints.removeLast(Self.limit / 2)
      spacing *= 2
    }
    checkpoints.append(Checkpoint(counter: counter, bytes: next.bytes))
    due = counter + spacing
  }

  /// Everything up to `highest` was reported. Returns the bytes that are new by that.
  mutating func acknowledge(_ highest: UInt64) -> UInt64 {
    let counter = min(highest + 1, next.counter)
    guard counter > base.counter else { return 0 }
    var (low, high, passed) = (base, next, 0)
    for checkpoint in checkpoints {
      guard checkpoint.counter <= counter else {
        high = checkpoint
        break
      }
      low = checkpoint
      passed += 1
    }
    checkpoints.removeFirst(passed)
    if checkpoints.count < Self.limit / 4, spacing > 1 { spacing /= 2 }
    let before = base.bytes
    let part = Double(counter - low.counter) / Double(max(high.counter - low.counter, 1))
    base = Checkpoint(
      counter: counter, bytes: low.bytes + UInt64(part * Double(high.bytes - low.bytes)))
    return base.bytes - before
  }

  /// The counter that ends in these 32 bits, of those sent the last; nil where there is none.
  func expand(_ low: UInt32) -> UInt64? {
    guard next.counter > 0 else { return nil }
    let last = next.counter - 1
    let back = UInt64(UInt32(truncatingIfNeeded: last) &- low)
    return back <= last ? last - back : nil
  }
}
