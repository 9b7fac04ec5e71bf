import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// A packet to an overlay address of nobody we know: it waits while somebody is asked who has it, or is
  /// refused. Large packets, which a connection does not begin with, do not wait.
  mutating func waitForUnknown(
    _ range: PacketRange, to address: OverlayAddress, slab: inout PacketSlab, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    let offload = OffloadHeader(
      slab.contents(of: range.grown(front: OffloadHeader.byteCount, back: 0)))
    var packet = slab[range]
    if asksForUnknown, offload.gsoType == 0 {
      let isPartial = offload.flags & OffloadHeader.needsChecksum != 0
      if isPartial, !complete(&packet, offload) { return }
      switch unknown.add(packet.bytes, to: address, at: now) {
      case .asked:
        scheduleWake(unknown.nextDeadline)
        out.events.append(.unknown(address))
        return
      case .waiting: return
      case .full:
        counters.queue += 1
        return
      case .refused: break
      }
    }
    counters.unknownPeer += 1
    refuse(packet.bytes, for: nil, into: &out)
  }

  /// Nobody knows who has the address.
  public mutating func refuseUnknown(
    _ address: OverlayAddress, at now: Timestamp, into out: inout TransmitOutput
  ) {
    refuse(unknown.refuse(address, at: now), into: &out)
    scheduleWake(unknown.nextDeadline)
  }

  mutating func expireUnknown(at now: Timestamp, into out: inout TransmitOutput) {
    refuse(unknown.expire(at: now), into: &out)
    scheduleWake(unknown.nextDeadline)
  }

  private mutating func refuse(_ packets: [[UInt8]], into out: inout TransmitOutput) {
    counters.unknownPeer += UInt64(packets.count)
    for packet in packets { refuse(packet.rawSpan, for: nil, into: &out) }
  }

  /// What waited for a contact to be known waits for its session now.
  mutating func admitUnknown(
    _ index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let address = peers[index]?.address, routes6[address] == index else { return }
    let packets = unknown.take(address)
    guard !packets.isEmpty else { return }
    let end = now + TransmitterPeer.waitingTime
    let waiting = packets.map { (packet: $0, until: end) }
    if let id = peers[index]?.sending, sessions.place(of: id) != nil {
      sendWaiting(waiting, of: index, at: now, into: &out)
      return
    }
    peers[index]?.waiting = Array(waiting.suffix(TransmitterPeer.waitingLimit))
    out.events.append(.wanted(index))
  }
}
