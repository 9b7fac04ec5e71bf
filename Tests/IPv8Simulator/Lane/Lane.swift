import IPv8Crypto
import IPv8DataPlane
import IPv8Wire
import P2TP

/// Both halves of a lane on one thread: what the receiver learns reaches the transmitter at once.
public struct Lane: ~Copyable {
  public var transmitter: Transmitter
  public var receiver: Receiver
  /// Reused from call to call.
  private var sent = TransmitOutput()
  private var received = ReceiveOutput()
  private var receptions: [Reception] = []
  /// For what leaves the queues.
  private var drained = PacketArena(capacity: 128 << 10)

  public init(
    address: OverlayAddress, alias: IPv4Address?, wireAlias: IPv4Address,
    rate: RateControl = RateControl(mode: .observe), entropy: consuming Entropy, mtu: Int? = nil,
    asksForUnknown: Bool = false
  ) {
    transmitter = Transmitter(
      address: address, alias: alias, wireAlias: wireAlias, rate: rate, entropy: entropy, mtu: mtu,
      asksForUnknown: asksForUnknown)
    receiver = Receiver(address: address, alias: alias, wireAlias: wireAlias)
  }

  public var counters: LaneCounters { transmitter.counters + receiver.counters }
  public var nextDeadline: Timestamp { min(transmitter.nextDeadline, receiver.nextDeadline) }

  public func report(
    _ index: PeerIndex, at now: Timestamp = Timestamp(nanoseconds: 0)
  ) -> LanePeerReport {
    transmitter.report(index, at: now)
  }

  // MARK: Contacts and sessions

  public mutating func setPeer(_ index: PeerIndex, _ peer: LanePeer) {
    receiver.setPeer(index, peer)
    transmitter.setPeer(index, peer)
  }

  /// As above; what waited for the contact to be known goes on.
  public mutating func setPeer(
    _ index: PeerIndex, _ peer: LanePeer, at now: Timestamp, into out: inout LaneOutput
  ) {
    receiver.setPeer(index, peer)
    transmitter.setPeer(index, peer, at: now, into: &sent)
    settle(into: &out)
  }

  public mutating func refuseUnknown(
    _ address: OverlayAddress, at now: Timestamp, into out: inout LaneOutput
  ) {
    transmitter.refuseUnknown(address, at: now, into: &sent)
    settle(into: &out)
  }

  public mutating func removePeer(_ index: PeerIndex) {
    transmitter.removePeer(index)
    receiver.removePeer(index)
  }

  public mutating func setUnreachable(
    _ index: PeerIndex, _ isUnreachable: Bool, into out: inout LaneOutput
  ) {
    transmitter.setUnreachable(index, isUnreachable, into: &sent)
    settle(into: &out)
  }

  public mutating func install(
    _ established: EstablishedSession, of index: PeerIndex, sendOn: Bool, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    receiver.install(established, of: index)
    transmitter.install(established, of: index, sendOn: sendOn, at: now, into: &sent)
    drain(at: now, into: &out)
  }

  public mutating func retire(
    _ id: SessionID, tell: Bool, at now: Timestamp, into out: inout LaneOutput
  ) {
    transmitter.retire(id, tell: tell, at: now, into: &sent)
    receiver.forget(id)
    drain(at: now, into: &out)
  }

  public mutating func challenge(
    _ index: PeerIndex, at now: Timestamp, into out: inout LaneOutput
  ) -> UInt64? {
    let token = transmitter.challenge(index, at: now, into: &sent)
    drain(at: now, into: &out)
    return token
  }

  public mutating func challengeAll(at now: Timestamp, into out: inout LaneOutput) {
    transmitter.challengeAll(at: now, into: &sent)
    drain(at: now, into: &out)
  }

  public mutating func send(
    _ frame: ControlFrame, to index: PeerIndex, at now: Timestamp, into out: inout LaneOutput
  ) {
    transmitter.send(frame, to: index, at: now, into: &sent)
    drain(at: now, into: &out)
  }

  public mutating func send(
    _ datagram: [UInt8], to endpoint: Endpoint, into out: inout LaneOutput
  ) {
    transmitter.send(datagram, to: endpoint, into: &sent)
    settle(into: &out)
  }

  public mutating func probe(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout LaneOutput
  ) {
    transmitter.probe(index, endpoint, at: now, into: &sent)
    drain(at: now, into: &out)
  }

  public mutating func forgetWay(
    _ index: PeerIndex, _ endpoint: Endpoint, at now: Timestamp, into out: inout LaneOutput
  ) {
    transmitter.forgetWay(index, endpoint, at: now, into: &sent)
    drain(at: now, into: &out)
  }

  // MARK: Packets

  public mutating func transmit(
    _ packets: [PacketRange], slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    transmitter.transmit(packets, slab: &slab, arena: &arena, at: now, into: &sent)
    drain(at: now, into: &out)
  }

  public mutating func receive(
    _ trains: [DatagramTrain], slab: borrowing PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    receiver.receive(trains[...], slab: slab, arena: &arena, at: now, into: &received)
    exchange(at: now, into: &out)
  }

  /// Takes a datagram again whose session has been installed meanwhile.
  public mutating func receiveClaimed(
    _ datagram: ReceiveOutput.Unclaimed, slab: borrowing PacketSlab, arena: inout PacketArena,
    at now: Timestamp, into out: inout LaneOutput
  ) {
    let train = DatagramTrain(
      range: datagram.range, segmentSize: Int(datagram.range.length), source: datagram.source,
      ecn: datagram.ecn)
    receiver.receive([train][...], slab: slab, arena: &arena, at: now, into: &received)
    // Of no session after all.
    received.unclaimed.removeAll(keepingCapacity: true)
    exchange(at: now, into: &out)
  }

  public mutating func advance(to now: Timestamp, into out: inout LaneOutput) {
    receiver.advance(to: now)
    exchange(at: now, into: &out)
    transmitter.advance(to: now, into: &sent)
    drain(at: now, into: &out)
  }

  /// Tells the transmitter what the receiver has learnt.
  private mutating func exchange(at now: Timestamp, into out: inout LaneOutput) {
    receiver.collect(into: &receptions)
    for news in receptions { transmitter.receive(news, at: now, into: &sent) }
    for event in received.events { transmitter.handle(event, at: now, into: &sent) }
    receptions.removeAll(keepingCapacity: true)
    out.append(received)
    received.removeAll()
    drain(at: now, into: &out)
  }

  /// Sends what may leave the queues by now, as records.
  private mutating func drain(at now: Timestamp, into out: inout LaneOutput) {
    settle(into: &out)
    var mayBeMore = true
    while mayBeMore {
      drained.reset()
      mayBeMore = transmitter.drain(arena: &drained, at: now, into: &sent)
      for datagram in sent.datagrams {
        let bytes = drained.slab.contents(of: datagram.range).copyBytes()
        out.records.append(
          TransmitOutput.ControlRecord(bytes: bytes, destination: datagram.destination))
      }
      sent.datagrams.removeAll(keepingCapacity: true)
      settle(into: &out)
    }
  }

  private mutating func settle(into out: inout LaneOutput) {
    for event in sent.events {
      switch event {
      case .ended(_, let id, _): receiver.forget(id)
      case .pathChanged(let id, let time): receiver.pathChanged(id, at: time)
      default: break
      }
    }
    out.append(sent)
    sent.removeSent()
    sent.events.removeAll(keepingCapacity: true)
  }
}
