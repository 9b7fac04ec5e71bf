import IPv8Crypto
import IPv8DataPlane
import IPv8Wire
import P2TP

/// Two hosts with an open session between them, and a clock of their own.
struct Link: ~Copyable {
  /// Of virtual time between two batches: enough that no rate limits them, so little that hours of
  /// them pass before a session is old.
  static let step = Interval.microseconds(20)

  static let index = PeerIndex(0)
  private(set) var now = Timestamp(nanoseconds: 1_000_000_000_000)
  var a: Host
  var b: Host
  /// The keys of what a sends to b.
  let key: SecretBytes

  /// - Parameters:
  ///   - filter: what b lets in of a's packets.
  ///   - rate: of what a sends.
  init(
    suite: AEADSuite, filter: PacketFilter = .everything,
    rate: RateControl = RateControl(mode: .observe), seed: UInt64
  ) {
    var random = SeededRandom(seed: seed)
    let one = Party(1, using: &random)
    let two = Party(2, using: &random)
    a = Host(one, rate: rate, using: &random)
    b = Host(two, using: &random)
    a.know(two, as: Self.index)
    b.know(one, as: Self.index, filter: filter)
    var opening = Opening(one, two, suite: suite, at: now, using: &random)
    let calling = opening.call()
    key = calling.sendKey
    a.install(calling, of: Self.index, at: now)
    guard let first = a.sent.records.first?.bytes else { preconditionFailure("a first record") }
    b.install(opening.confirm(first), of: Self.index, at: now)
    settle()
  }

  /// Lets both hosts say what they have to say, until they are silent.
  mutating func settle() {
    while true {
      let (fromA, fromB) = (a.speak(at: now), b.speak(at: now))
      if fromA.isEmpty, fromB.isEmpty { return }
      b.hear(fromA, from: a.party.endpoint, at: now)
      a.hear(fromB, from: b.party.endpoint, at: now)
    }
  }

  /// Time passes, and both ends are silent again.
  mutating func advance() {
    now = now + Self.step
    settle()
  }

  /// Brings what a sealed to b.
  mutating func carry() { b.take(from: a) }

  func source(isIPv6: Bool) -> IPAddress {
    isIPv6 ? .v6(a.party.address.address) : .v4(a.party.alias)
  }

  func destination(isIPv6: Bool) -> IPAddress {
    isIPv6 ? .v6(b.party.address.address) : .v4(b.party.alias)
  }
}
