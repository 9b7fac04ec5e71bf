/// Whether the path lets datagrams with ECT(0) pass: RFC 9000 §13.4.2 and A.4, as far as the counts
/// of ``Feedback`` tell.
///
/// - `testing`: the first ten records of a path are sent with ECT(0).
/// - `waiting`: what follows goes without, until the peer's report shows that one of the ten came
///   (`capable`), or that none did while later ones passed (`failed`).
/// - `failed` until the path changes; so also after a retransmission timeout.
struct ECNValidation: Sendable, Equatable {
  static let tested: UInt64 = 10
  static let notECT: UInt8 = 0
  static let ect0: UInt8 = 2

  enum State: Sendable, Equatable { case testing, waiting, capable, failed }

  private(set) var state = State.testing
  /// The first counter of the path.
  private var first: UInt64 = 0
  /// The peer's counts when the path began.
  private var received: UInt32 = 0
  private var lost: UInt32 = 0

  /// The ECN bits of the next datagram.
  var codepoint: UInt8 { state == .testing || state == .capable ? Self.ect0 : Self.notECT }

  /// A path begins with the record `counter`.
  mutating func restart(at counter: UInt64, received: UInt32, lost: UInt32) {
    self = ECNValidation()
    first = counter
    (self.received, self.lost) = (received, lost)
  }

  mutating func sent(_ counter: UInt64) {
    if state == .testing, counter + 1 >= first + Self.tested { state = .waiting }
  }

  mutating func report(_ highest: UInt64, received: UInt32, lost: UInt32) {
    guard state == .testing || state == .waiting, highest >= first else { return }
    let came = UInt64(received &- self.received)
    let without = highest < first + Self.tested ? 0 : highest + 1 - (first + Self.tested)
    if came > without {
      state = .capable
    } else if UInt64(lost &- self.lost) >= Self.tested {
      state = .failed
    }
  }

  /// Nothing came by for the retransmission timeout: better without.
  mutating func fail() { state = .failed }

  /// Another session by the same path: what is known stays known.
  mutating func follow() {
    if state == .testing || state == .waiting { self = ECNValidation() }
  }
}
