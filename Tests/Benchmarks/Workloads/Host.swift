import IPv8Crypto
import IPv8DataPlane
import IPv8Wire
import P2TP

/// Both halves of a lane with the memory that the daemon gives them, without its threads.
struct Host: ~Copyable {
  private static let tunBytes = 128 << 10
  private static let trainLimit = 65_535
  private static let trainCount = 8

  let party: Party
  var transmitter: Transmitter
  var receiver: Receiver
  var sent = TransmitOutput()
  var received = ReceiveOutput()
  var receptions: [Reception] = []

  private var tun = PacketSlab(slotCount: 1, slotSize: tunBytes)
  private(set) var sealed = PacketArena(capacity: 2 * tunBytes)
  private var udp = PacketSlab(slotCount: trainCount, slotSize: trainLimit + 1537)
  private var opened = PacketArena(capacity: 3 * trainLimit)
  /// What ``transmit(at:)`` and ``receive(at:)`` take.
  private var packets: [PacketRange] = []
  private var trains: [DatagramTrain] = []

  init(
    _ party: Party, rate: RateControl = RateControl(mode: .observe),
    using random: inout SeededRandom
  ) {
    self.party = party
    transmitter = Transmitter(
      address: party.address, alias: party.alias, wireAlias: party.wireAlias,
      rate: rate, entropy: Entropy(seed: .random(using: &random)))
    receiver = Receiver(address: party.address, alias: party.alias, wireAlias: party.wireAlias)
  }

  mutating func know(
    _ other: Party, as index: PeerIndex, filter: PacketFilter = .everything
  ) {
    let peer = LanePeer(
      address: other.address, alias: other.alias, wireAlias: other.wireAlias, keepOpen: false,
      filter: filter)
    transmitter.setPeer(index, peer)
    receiver.setPeer(index, peer)
  }

  mutating func install(_ session: EstablishedSession, of index: PeerIndex, at now: Timestamp) {
    receiver.install(session, of: index)
    transmitter.install(session, of: index, sendOn: true, at: now, into: &sent)
  }

  /// Declares the class of so many flows of ``InnerPacket``s of UDP, the one to port 443 first.
  mutating func declare(_ count: UInt16, of index: PeerIndex) {
    for number in 0..<count {
      let flow = DeclaredFlow(
        isIPv6: true, transport: IPProtocol.udp, localPort: InnerPacket.sourcePort,
        remotePort: 443 + number)
      transmitter.declare(.background, for: flow, of: index)
    }
  }

  // MARK: Batches

  /// Puts `batch` where the TUN device would.
  mutating func place(_ batch: ArraySlice<InnerPacket>) {
    packets.removeAll(keepingCapacity: true)
    var offset = PacketSlab.headroom
    for packet in batch {
      let range = PacketRange(slot: 0, offset: offset, length: packet.bytes.count)
      tun.copy(packet.bytes, to: range)
      var header = tun[
        range.grown(front: OffloadHeader.byteCount, back: -packet.bytes.count)]
      packet.offload.encode(into: &header)
      packets.append(range)
      offset = (offset + packet.bytes.count + PacketSlab.headroom + 31) / 16 * 16
    }
  }

  mutating func transmit(at now: Timestamp) {
    transmitter.transmit(packets, slab: &tun, arena: &sealed, at: now, into: &sent)
  }

  /// Seals what may leave the queues, behind what is sealed already.
  mutating func drain(at now: Timestamp) {
    while transmitter.drain(arena: &sealed, at: now, into: &sent) {}
  }

  /// Puts what `other` sealed where the socket would, joined as the kernel joins it (UDP_GRO).
  mutating func take(from other: borrowing Host) {
    trains.removeAll(keepingCapacity: true)
    for datagram in other.sent.datagrams { take(datagram.range, from: other) }
  }

  private mutating func take(_ datagram: PacketRange, from other: borrowing Host) {
    var slot = trains.count
    var offset = PacketSlab.headroom
    if let last = trains.last, last.range.length % last.segmentSize == 0,
      datagram.length <= last.segmentSize,
      Int(last.range.length + datagram.length) <= Self.trainLimit,
      last.range.length / last.segmentSize < 64
    {
      slot -= 1
      offset += Int(last.range.length)
      trains[slot].range.length += datagram.length
    } else {
      precondition(slot < Self.trainCount, "a batch of few trains")
      trains.append(
        DatagramTrain(
          range: PacketRange(slot: slot, offset: offset, length: Int(datagram.length)),
          segmentSize: Int(datagram.length), source: other.party.endpoint, ecn: 0))
    }
    var room = udp[PacketRange(slot: slot, offset: offset, length: Int(datagram.length))]
    room.copy(other.sealed.slab.contents(of: datagram), to: 0)
  }

  mutating func receive(at now: Timestamp) {
    receiver.receive(trains[...], slab: udp, arena: &opened, at: now, into: &received)
  }

  // MARK: What the halves say by themselves

  /// Passes on what the receiver learnt.
  mutating func pass(at now: Timestamp) {
    receptions.removeAll(keepingCapacity: true)
    receiver.collect(into: &receptions)
    for news in receptions { transmitter.receive(news, at: now, into: &sent) }
  }

  /// Does what is due; the records that say so to the peer.
  mutating func speak(at now: Timestamp) -> [[UInt8]] {
    receiver.advance(to: now)
    pass(at: now)
    for event in received.events { transmitter.handle(event, at: now, into: &sent) }
    received.removeAll()
    transmitter.advance(to: now, into: &sent)
    let records = sent.records.map(\.bytes)
    sent.removeSent()
    sent.events.removeAll(keepingCapacity: true)
    return records
  }

  mutating func hear(_ records: [[UInt8]], from source: Endpoint, at now: Timestamp) {
    for record in records {
      let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: record.count)
      udp.copy(record, to: range)
      trains = [DatagramTrain(range: range, segmentSize: record.count, source: source, ecn: 0)]
      receive(at: now)
    }
  }
}
