import IPv8Wire

/// What became of a batch of datagrams; the counts add up to its size.
public struct SendResult: Equatable, Sendable {
  /// Handed to the kernel.
  public var sent = 0
  /// The socket buffer was full: this many datagrams at the end of the batch were not tried, except
  /// for the first of them.
  public var blocked = 0
  /// No route, no source address, a firewall's veto.
  public var unreachable = 0
  /// Larger than the interface or the path takes (EMSGSIZE).
  public var tooBig = 0
  /// The last of those, or one of several of its size.
  public internal(set) var lastTooBig: OutgoingDatagram?
  /// Refused for another reason, ``lastError``.
  public var failed = 0
  public var lastError: SystemError?

  public init() {}

  /// The datagrams that did not go.
  public var dropped: Int { blocked + unreachable + tooBig + failed }

  mutating func count(_ outcome: SendOutcome, datagrams: Int) {
    switch outcome {
    case .sent: sent += datagrams
    case .blocked: blocked += datagrams
    case .unreachable: unreachable += datagrams
    case .tooBig: tooBig += datagrams
    case .failed(let error):
      failed += datagrams
      lastError = error
    }
  }
}
