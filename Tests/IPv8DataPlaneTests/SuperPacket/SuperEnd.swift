import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import PacketOracle

@testable import IPv8DataPlane
@testable import P2TP

/// A lane with memory for large batches, behind a reference.
final class SuperEnd {
  static let largest = 65_535
  static let trainBatch = 64

  let address: OverlayAddress
  /// As local programs see this host, and as the wire does.
  let alias: IPv4Address
  let wireAlias: IPv4Address
  let endpoint: Endpoint
  let peer = PeerIndex(0)
  var lane: Lane
  var out = LaneOutput()
  var tunSlab = PacketSlab(slotCount: 1, slotSize: 512 << 10)
  var udpSlab = PacketSlab(
    slotCount: trainBatch, slotSize: PacketSlab.headroom + largest + PacketSlab.tailroom)
  var sealed: PacketArena
  var opened: PacketArena

  /// - Parameters:
  ///   - sealedBytes: of memory for one batch of records.
  ///   - wireAlias: nil for one of its own.
  ///   - mtu: of its interface; nil where every way takes everything.
  init(
    _ number: UInt8, sealedBytes: Int = 4 << 20, openedBytes: Int = 8 << 20,
    wireAlias: IPv4Address? = nil, mtu: Int? = nil
  ) {
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | UInt128(number))) else {
      preconditionFailure("an overlay address")
    }
    self.address = address
    alias = IPv4Address(0x6440_0000 + UInt32(number))
    self.wireAlias = wireAlias ?? IPv4Address(0x6455_aa00 + UInt32(number))
    endpoint = Endpoint(.v4(IPv4Address(0xc612_0000 + UInt32(number))), port: 1000)
    sealed = PacketArena(capacity: sealedBytes)
    opened = PacketArena(capacity: openedBytes)
    let seed = [UInt8](repeating: number, count: 32)
    lane = Lane(
      address: address, alias: alias, wireAlias: self.wireAlias,
      entropy: Entropy(seed: SecretBytes(copying: seed.rawSpan)), mtu: mtu)
  }

  var counters: LaneCounters { lane.counters }

  /// The alias under which this host's programs see a peer; the first is the one of a pair.
  func peerAlias(_ index: PeerIndex) -> IPv4Address {
    IPv4Address(alias.value + 100 + UInt32(index.value))
  }
  var peerAlias: IPv4Address { peerAlias(peer) }

  func know(
    _ other: SuperEnd, as index: PeerIndex = PeerIndex(0), filter: PacketFilter = .everything
  ) {
    lane.setPeer(
      index,
      LanePeer(
        address: other.address, alias: peerAlias(index), wireAlias: other.wireAlias,
        keepOpen: false, filter: filter))
  }

  /// Opens this end of a session with `other`, which from now on is the one to send on.
  /// - Parameter capabilities: what `other` told in the handshake.
  func install(
    _ other: SuperEnd, as index: PeerIndex = PeerIndex(0), ids: (UInt32, UInt32),
    keys: (UInt8, UInt8), capabilities: PeerCapabilities = .local,
    suite: AEADSuite = .chaCha20Poly1305, _ role: EstablishedSession.Role
  ) {
    func key(_ byte: UInt8) -> SecretBytes {
      SecretBytes(copying: [UInt8](repeating: byte, count: 32).rawSpan)
    }
    let session = EstablishedSession(
      localID: SessionID(ids.0), remoteID: SessionID(ids.1),
      role: role, suite: suite, peerCapabilities: capabilities,
      sendKey: key(keys.0), receiveKey: key(keys.1), establishedAt: SuperPair.start,
      endpoint: other.endpoint, returnCookie: nil, issuedCookies: [], clockOffset: 0,
      roundTrip: nil, peerBinding: nil, handshakeTime: nil)
    lane.install(session, of: index, sendOn: true, at: SuperPair.start, into: &out)
  }

  /// Puts `packets` where the TUN device would.
  func place(_ packets: [TUNPacket]) -> [PacketRange] {
    var offset = PacketSlab.headroom
    return packets.map { packet in
      let range = PacketRange(slot: 0, offset: offset, length: packet.bytes.count)
      tunSlab.copy(packet.bytes, to: range)
      var header = [UInt8](repeating: 0, count: OffloadHeader.byteCount)
      header.withMutableRawSpan { packet.offload.encode(into: &$0) }
      tunSlab.copy(header, to: range.grown(front: header.count, back: -packet.bytes.count))
      offset = (offset + packet.bytes.count + PacketSlab.headroom + 31) / 16 * 16
      return range
    }
  }

  /// Sends what local programs sent; the datagrams.
  func transmit(_ packets: [TUNPacket], at now: Timestamp = SuperPair.now) -> [[UInt8]] {
    out.removeAll()
    lane.transmit(place(packets), slab: &tunSlab, arena: &sealed, at: now, into: &out)
    return sealedDatagrams
  }

  var sealedDatagrams: [[UInt8]] { bytes(of: out.datagrams) }

  func bytes(of datagrams: [OutgoingDatagram]) -> [[UInt8]] {
    datagrams.map { sealed.slab.copy(of: $0.range) }
  }

  /// `datagrams` joined as a kernel joins them (UDP_GRO).
  static func trains(_ datagrams: [[UInt8]]) -> [[[UInt8]]] {
    var trains: [[[UInt8]]] = []
    for datagram in datagrams {
      if let train = trains.last, train.count < 64, train[0].count == train[train.count - 1].count,
        datagram.count <= train[0].count, !datagram.isEmpty,
        train.count * train[0].count + datagram.count <= largest
      {
        trains[trains.count - 1].append(datagram)
      } else {
        trains.append([datagram])
      }
    }
    return trains
  }

  /// Puts `datagrams` where the socket would, joined as far as they can be.
  func place(_ datagrams: [[UInt8]], from source: Endpoint) -> [DatagramTrain] {
    place(trains: Self.trains(datagrams), from: source)
  }

  func place(trains: [[[UInt8]]], from source: Endpoint) -> [DatagramTrain] {
    precondition(trains.count <= Self.trainBatch, "one batch")
    return trains.enumerated().map { slot, train in
      let bytes = train.flatMap { $0 }
      let range = PacketRange(slot: slot, offset: PacketSlab.headroom, length: bytes.count)
      udpSlab.copy(bytes, to: range)
      return DatagramTrain(range: range, segmentSize: train[0].count, source: source, ecn: 0)
    }
  }

  /// What reaches this host's TUN of one batch.
  func receiveBatch(
    _ datagrams: [[UInt8]], from source: Endpoint, at now: Timestamp = SuperPair.now
  ) -> [TUNPacket] {
    receive(place(datagrams, from: source), at: now)
  }

  /// As ``receiveBatch(_:from:at:)``, of trains that have been placed.
  func receive(_ trains: [DatagramTrain], at now: Timestamp = SuperPair.now) -> [TUNPacket] {
    out.removeAll()
    lane.receive(trains, slab: udpSlab, arena: &opened, at: now, into: &out)
    return out.packets.map { range in
      let header = opened.slab.copy(of: range.grown(front: 10, back: -Int(range.length)))
      return TUNPacket(opened.slab.copy(of: range), OffloadHeader(header.rawSpan))
    }
  }
}

extension PacketSlab {
  fileprivate mutating func copy(of range: PacketRange) -> [UInt8] {
    let span = self[range]
    return span.bytes.copyBytes()
  }

  fileprivate mutating func copy(_ bytes: [UInt8], to range: PacketRange) {
    var span = self[range]
    span.copy(bytes.rawSpan, to: 0)
  }
}

/// Two lanes with one session between them.
struct SuperPair {
  static let start = Timestamp(nanoseconds: 1_000_000_000_000)
  static let now = start + .milliseconds(10)
  let a: SuperEnd
  let b: SuperEnd

  private let capabilities: PeerCapabilities
  private let suite: AEADSuite

  /// - Parameter capabilities: what b told in the handshake.
  init(
    a: SuperEnd = SuperEnd(1), b: SuperEnd = SuperEnd(2), capabilities: PeerCapabilities = .local,
    suite: AEADSuite = .chaCha20Poly1305, isOpen: Bool = true
  ) {
    (self.a, self.b) = (a, b)
    (self.capabilities, self.suite) = (capabilities, suite)
    a.know(b)
    b.know(a)
    if isOpen { install(ids: (0x110, 0x220), keys: (1, 2)) }
  }

  /// Opens a session between the two, which from now on is the one to send on.
  func install(ids: (UInt32, UInt32), keys: (UInt8, UInt8)) {
    a.install(b, ids: ids, keys: keys, capabilities: capabilities, suite: suite, .initiator)
    b.install(a, ids: (ids.1, ids.0), keys: (keys.1, keys.0), suite: suite, .responder)
  }

  /// Carries `datagrams` to b in as many batches as they need; what reaches b's TUN.
  func carry(_ datagrams: [[UInt8]]) -> [TUNPacket] {
    let trains = SuperEnd.trains(datagrams)
    return stride(from: 0, to: trains.count, by: SuperEnd.trainBatch).flatMap { start in
      let batch = trains[start..<min(start + SuperEnd.trainBatch, trains.count)]
      return b.receiveBatch(batch.flatMap { $0 }, from: a.endpoint)
    }
  }

  /// Seals any plaintext as a record of a's session, as a hostile peer may.
  func forge(_ plaintext: [UInt8]) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: 12) + plaintext + [UInt8](repeating: 0, count: 16)
    datagram.withMutableRawSpan { span in
      _ = a.lane.transmitter.sessions[0].seal(&span, isData: true, at: Self.now)
    }
    return datagram
  }
}
