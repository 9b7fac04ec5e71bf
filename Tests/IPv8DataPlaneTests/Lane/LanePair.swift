import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import P2TP

@testable import IPv8DataPlane

/// A lane with its slab, behind a reference.
final class LaneEnd {
  static let slots = 8
  static let slotSize = 4096

  let address: OverlayAddress
  let alias: IPv4Address
  let endpoint: Endpoint
  var lane: Lane
  var slab = PacketSlab(slotCount: slots, slotSize: slotSize)
  var sealed = PacketArena(capacity: 2 * slots * slotSize)
  var opened = PacketArena(capacity: 2 * slots * slotSize)
  var out = LaneOutput()
  let peer = PeerIndex(0)

  init(_ number: UInt8) {
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number))) else {
      preconditionFailure("an overlay address")
    }
    self.address = address
    alias = IPv4Address(0x6440_0000 + UInt32(number))
    endpoint = Endpoint(.v4(IPv4Address(0xc612_0000 + UInt32(number))), port: 1000)
    let seed = [UInt8](repeating: number, count: 32)
    lane = Lane(
      address: address, alias: alias, wireAlias: alias,
      entropy: Entropy(seed: SecretBytes(copying: seed.rawSpan)))
  }

  // Copies, because `#expect` takes no noncopyable values.
  var counters: LaneCounters { lane.counters }
  var isOpen: Bool { lane.report(peer).isOpen }
  var sending: SessionID? { lane.transmitter.peers[peer]?.sending }
  var nextDeadline: Timestamp { lane.nextDeadline }
  var challengeCount: Int { lane.transmitter.challenges.count }
  func route(_ alias: IPv4Address) -> PeerIndex? { lane.transmitter.routes4[alias] }

  func know(
    _ other: LaneEnd, as index: PeerIndex? = nil, filter: PacketFilter = .everything
  ) {
    lane.setPeer(
      index ?? peer,
      LanePeer(
        address: other.address, alias: other.alias, wireAlias: other.alias, keepOpen: false,
        filter: filter))
  }

  /// Puts `bytes` into a slot as a descriptor would.
  func place(_ bytes: [UInt8], slot: Int = 0) -> PacketRange {
    let range = PacketRange(slot: slot, offset: PacketSlab.headroom, length: bytes.count)
    slab.fill(range, with: bytes)
    let header = range.grown(front: OffloadHeader.byteCount, back: -bytes.count)
    slab.fill(header, with: [UInt8](repeating: 0, count: OffloadHeader.byteCount))
    return range
  }

  /// Of a packet that was received.
  func bytes(_ range: PacketRange) -> [UInt8] { opened.slab.bytes(of: range) }

  /// Sends local packets; returns the sealed datagrams.
  func transmit(_ packets: [[UInt8]], at now: Timestamp) -> [[UInt8]] {
    out.removeAll()
    let ranges = packets.enumerated().map { place($0.element, slot: $0.offset) }
    lane.transmit(ranges, slab: &slab, arena: &sealed, at: now, into: &out)
    return out.datagrams.map { sealed.slab.bytes(of: $0.range) }
  }

  /// Receives datagrams as one train of equal segments, the last as long as it is.
  func receive(
    _ datagrams: [[UInt8]], from source: Endpoint, ecn: UInt8 = 0, at now: Timestamp
  ) -> [[UInt8]] {
    out.removeAll()
    let range = place(datagrams.flatMap { $0 })
    let train = DatagramTrain(
      range: range, segmentSize: datagrams.first?.count ?? 0, source: source, ecn: ecn)
    lane.receive([train], slab: slab, arena: &opened, at: now, into: &out)
    return out.packets.map(bytes)
  }
}

/// Two lanes with one session between them.
struct LanePair {
  static let start = Timestamp(nanoseconds: 1_000_000_000_000)
  let a = LaneEnd(1)
  let b = LaneEnd(2)

  init(open: Bool = true, suite: AEADSuite = .chaCha20Poly1305) {
    a.know(b)
    b.know(a)
    if open { install(suite: suite) }
  }

  func install(
    suite: AEADSuite = .chaCha20Poly1305, ids: (UInt32, UInt32) = (0x110, 0x220),
    at now: Timestamp = start
  ) {
    let (one, two) = Self.sessions(a, b, suite, ids, now)
    a.out.removeAll()
    a.lane.install(one, of: a.peer, sendOn: true, at: now, into: &a.out)
    b.lane.install(two, of: b.peer, sendOn: true, at: now, into: &b.out)
  }

  static func sessions(
    _ a: LaneEnd, _ b: LaneEnd, _ suite: AEADSuite, _ ids: (UInt32, UInt32), _ now: Timestamp
  ) -> (EstablishedSession, EstablishedSession) {
    let keys = [1, 2].map { (byte: UInt8) in
      SecretBytes(copying: [UInt8](repeating: byte, count: 32).rawSpan)
    }
    func end(_ isFirst: Bool) -> EstablishedSession {
      EstablishedSession.forTests(
        ids: isFirst ? ids : (ids.1, ids.0), isInitiator: isFirst, suite: suite,
        keys: isFirst ? (keys[0], keys[1]) : (keys[1], keys[0]), at: now,
        endpoint: isFirst ? b.endpoint : a.endpoint)
    }
    return (end(true), end(false))
  }
}

func packet6(from source: OverlayAddress, to destination: OverlayAddress, _ payload: [UInt8])
  -> [UInt8]
{
  var bytes: [UInt8] = [0x60, 0, 0, 0]
  bytes.append(bigEndian: UInt16(payload.count))
  bytes += [253, 64]
  bytes.append(bigEndian: source.value)
  bytes.append(bigEndian: destination.value)
  return bytes + payload
}
