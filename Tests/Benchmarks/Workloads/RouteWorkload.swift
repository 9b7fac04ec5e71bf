import IPv8Crypto
import IPv8DataPlane
import IPv8Wire
import P2TP

/// Sends small packets to contacts in random order, each with a session of its own.
final class RouteWorkload: Workload {
  static let batch = 64
  /// Bytes of an inner packet.
  static let packetSize = 64

  let packetCount = batch
  private(set) var isComplete = false
  private var host: Host
  private var now = Timestamp(nanoseconds: 1_000_000_000_000)
  /// What is sent over and over, in parts of ``batch``.
  private let packets: [InnerPacket]
  private let order: [Int]
  private let keys: [SecretBytes]
  private var next = 0

  init(_ suite: AEADSuite, contacts: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let party = Party(0, using: &random)
    host = Host(party, using: &random)
    var addresses: [OverlayAddress] = []
    var keys: [SecretBytes] = []
    for number in 0..<contacts {
      let contact = Party(number + 1, using: &random)
      host.know(contact, as: PeerIndex(number))
      var opening = Opening(contact, party, suite: suite, at: now, using: &random)
      var calling = OutboundSession(opening.call(), of: PeerIndex(0))
      let session = opening.confirm(calling.emptyRecord(at: now))
      host.install(session, of: PeerIndex(number), at: now)
      addresses.append(contact.address)
      keys.append(session.sendKey)
    }
    self.keys = keys
    order = (0..<max(1, contacts / Self.batch) * Self.batch).map { _ in
      Int.random(in: 0..<contacts, using: &random)
    }
    let payload = [UInt8].random(Self.packetSize - 48, using: &random)
    packets = order.map { place in
      InnerPacket(
        .udp, from: .v6(party.address.address), to: .v6(addresses[place].address),
        payload: payload)
    }
  }

  func prepare() {
    now = now + .microseconds(20)
    host.sent.removeSent()
    host.place(packets[next..<(next + Self.batch)])
    next = (next + Self.batch) % packets.count
  }

  func run() {
    host.transmit(at: now)
    isComplete = host.sent.datagrams.count == packetCount
  }

  /// The sealing alone: as many bytes under the same keys in the same order.
  func sealing(_ suite: AEADSuite, seed: UInt64) -> AEADWorkload {
    AEADWorkload(
      .seal, size: Self.packetSize + 1, ring: KeyRing(suite: suite, keys: keys), order: order,
      batch: Self.batch, seed: seed)
  }
}
