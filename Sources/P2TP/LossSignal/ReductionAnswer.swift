/// The sender of data's side of the loss signal: owns CLR (protocol §1.8).
///
/// Begins reduced, as the first record of a stream has CLR=1. One reduction for each event: LSS=1
/// in `normal` reduces and sets CLR; LSS=0 in `reduced` returns to normal.
public struct ReductionAnswer: Sendable, Equatable, Hashable {
  /// The CLR bit of the next record.
  public private(set) var clr = true

  public enum Outcome: Sendable { case nothing, changed, reduce }

  public init() {}

  /// The LSS bit of an authentic record newer than every one whose flags were read.
  mutating func see(lss: Bool) -> Outcome {
    switch (clr, lss) {
    case (true, false):
      clr = false
      return .changed
    case (false, true):
      clr = true
      return .reduce
    default: return .nothing
    }
  }
}
