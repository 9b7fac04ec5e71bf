/// The receiver of data's side of the loss signal: owns LSS (protocol §1.8).
///
/// Rules:
/// - Begin in `waiting`: the sender's first CLR=1 must not clear a loss it never heard of.
/// - `waiting`, sees CLR=0: idle, or signalling at once if a loss of the new epoch is pending.
/// - `idle`, loss: signalling, LSS=1, until CLR=1 is seen.
/// - `signalling`, sees CLR=1: waiting, LSS=0; losses below that record's counter belong to the
///   event just answered and are ignored.
public struct LossReporter: Sendable, Equatable, Hashable {
  enum Phase: Sendable, Hashable { case idle, signalling, waiting }

  private(set) var phase = Phase.waiting
  /// Counter of the record whose CLR ended the last event.
  private(set) var clearedAt: UInt64 = 0
  private(set) var pendingLoss = false

  public init() {}

  /// The LSS bit of the next record.
  public var lss: Bool { phase == .signalling }

  /// A record was lost, or arrived with Congestion Experienced. Returns whether LSS changed.
  mutating func loss(of counter: UInt64) -> Bool {
    switch phase {
    case .idle:
      phase = .signalling
      return true
    case .waiting:
      if counter >= clearedAt { pendingLoss = true }
      return false
    case .signalling: return false
    }
  }

  /// The CLR bit of an authentic record newer than every one whose flags were read. Returns whether
  /// LSS changed.
  mutating func see(clr: Bool, counter: UInt64) -> Bool {
    switch (phase, clr) {
    case (.signalling, true):
      phase = .waiting
      clearedAt = counter
      pendingLoss = false
      return true
    case (.waiting, false):
      phase = pendingLoss ? .signalling : .idle
      defer { pendingLoss = false }
      return pendingLoss
    default: return false
    }
  }
}
