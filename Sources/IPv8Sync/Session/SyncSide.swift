import IPv8Wire

/// The ways to find differences.
public enum SyncMethod: UInt8, Sendable, CaseIterable {
  case rateless = 1
  case ranges = 2
  case bloom = 3
}

/// One host's set at the beginning of a session.
struct SyncSide: Sendable {
  /// Records that one call adds to a sketch that is not whole yet.
  private static let slice = 32_768

  let method: SyncMethod
  let salt: SyncSalt
  let floor: UInt32
  let summary: SetSummary
  private let sketch: Sketch?

  /// Nil while the sketch is not whole; each call works on it.
  init?(
    method: SyncMethod, salt: SyncSalt, floor: UInt32, book: inout SyncBook
  ) {
    self.method = method
    self.salt = salt
    self.floor = floor
    switch method {
    case .rateless:
      guard book.table.prepare(salt: salt, floor: floor, budget: Self.slice),
        let sketch = book.table.sketch(salt: salt, floor: floor)
      else { return nil }
      self.sketch = sketch
      summary = SetSummary(count: sketch.count, digest: sketch.digest)
    case .ranges, .bloom:
      sketch = nil
      let sum = book.table.sum(
        NameRange(lower: RecordName.first(of: floor).value, upper: nil))
      summary = SetSummary(count: sum.count, digest: salt.fingerprint(sum))
    }
  }

  func reconciliation(round: UInt32) -> any Reconciliation {
    switch method {
    case .rateless:
      RatelessReconciliation(own: sketch ?? Sketch(salt: salt, symbolCount: 1), floor: floor)
    case .ranges: RangeReconciliation(salt: salt, floor: floor)
    case .bloom: BloomReconciliation(salt: salt, floor: floor, round: round)
    }
  }

  var answer: any ReconciliationAnswer {
    let lower = RecordName.first(of: floor).value
    return switch method {
    case .rateless: RatelessAnswer(sketch: sketch ?? Sketch(salt: salt, symbolCount: 1))
    case .ranges: RangeAnswer(salt: salt, floor: lower)
    case .bloom: BloomAnswer(salt: salt, floor: lower)
    }
  }
}
