/// The three classes of a peer's traffic. While more than one has packets waiting, each gets a share by
/// its weight; within its share the more urgent one goes first. What a class does not use is the others'.
public enum TrafficClass: Int, CaseIterable, Sendable {
  /// EF, VOICE-ADMIT, CS4 and above, AF4x (RFC 4594), AF21 as OpenSSH marks a terminal, and ICMP; and the
  /// small packets of a flow that has nothing waiting.
  case interactive
  case normal
  /// CS1 (RFC 3662) and LE (RFC 8622).
  case background

  static let count = 3
  /// A packet of at most so many bytes makes a flow that has nothing waiting interactive.
  static let smallByteCount = 256

  /// Quanta of a round.
  var weight: Int {
    switch self {
    case .interactive: 8
    case .normal: 4
    case .background: 1
    }
  }

  /// What a packet says of itself; nil where that is nothing.
  init?(markOf flow: FlowIdentity) {
    switch flow.codepoint {
    case 32..., 18: self = .interactive
    case 1, 8: self = .background
    default:
      guard flow.isICMP else { return nil }
      self = .interactive
    }
  }
}

extension TrafficClass {
  /// As users write it.
  public var name: String {
    switch self {
    case .interactive: "interactive"
    case .normal: "normal"
    case .background: "background"
    }
  }

  public init?(name: String) {
    guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }
}
