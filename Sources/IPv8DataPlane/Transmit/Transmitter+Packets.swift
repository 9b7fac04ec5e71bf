import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  /// Seals `packets`, which the TUN gave into `slab` with their offload headers, into `arena`, or puts them
  /// into the queue of their peer where its rate or others before them want it.
  ///
  /// A large packet becomes one record for each of its segments, its checksum left to the receiving
  /// kernel (docs/protocol: chunks); so one record lost costs one segment.
  public mutating func transmit(
    _ packets: [PacketRange], slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    arena.reset()
    for range in packets {
      transmit(range, slab: &slab, arena: &arena, at: now, into: &out)
    }
  }

  private mutating func transmit(
    _ range: PacketRange, slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    let offload = OffloadHeader(
      slab.contents(of: range.grown(front: OffloadHeader.byteCount, back: 0)))
    var packet = slab[range]
    let destination = route(&packet, into: &out)
    guard case .contact(let index) = destination else {
      if case .unknown(let address) = destination {
        waitForUnknown(range, to: address, slab: &slab, at: now, into: &out)
      }
      return
    }
    if range.length <= Self.longestSYN {
      clampSegmentSize(&packet, offload, to: index, at: now, into: &out)
    }
    guard let id = peers[index]?.sending, let place = sessions.recall(id),
      peers[index]?.path?.isLost != true
    else {
      wait(range, offload, for: index, slab: &slab, arena: &arena, at: now, into: &out)
      return
    }
    if let flows = peers[index]?.flows.add(packet.bytes, at: now) {
      sessions[place].setActiveFlows(flows)
    }
    let isPartial = offload.flags & OffloadHeader.needsChecksum != 0
    if offload.gsoType != 0 {
      cut(range, offload, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
    } else if isPartial, sessions[place].peerCapabilities.contains(.chunks),
      openTransport(of: packet.bytes, offload) != nil
    {
      passChunk(range, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
    } else {
      if isPartial, !complete(&packet, offload) { return }
      pass(range, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
    }
    guard sessions.holds(id, at: place) else { return }
    if sessions[place].takeRekeyDue(at: now) { out.events.append(.rekeyDue(index)) }
    touch(place)
  }

  private enum Destination {
    case contact(PeerIndex)
    case unknown(OverlayAddress)
  }

  /// The contact that `packet` is for, its IPv4 aliases rewritten to those of the wire, or an address
  /// that is nobody's. Nil where the packet goes nowhere; the local host is told so.
  private mutating func route(
    _ packet: inout MutableRawSpan, into out: inout TransmitOutput
  ) -> Destination? {
    switch IPPacket(packet.bytes) {
    case .v6(let header):
      guard header.source == address.address, let to = OverlayAddress(header.destination) else {
        counters.unroutable += 1
        return nil
      }
      if let recentRoute, recentRoute.to == to { return .contact(recentRoute.index) }
      guard let index = routes6[to] else { return .unknown(to) }
      recentRoute = (to, index)
      return .contact(index)
    case .v4(let header):
      guard let alias, header.source == alias else {
        counters.unroutable += 1
        return nil
      }
      if let index = routes4[header.destination], let peer = peers[index] {
        AliasTranslation(
          source: (alias, wireAlias), destination: (header.destination, peer.wireAlias)
        ).apply(to: &packet, header)
        return .contact(index)
      }
    case nil:
      counters.unroutable += 1
      return nil
    }
    counters.unknownPeer += 1
    refuse(packet.bytes, for: nil, into: &out)
    return nil
  }

  /// Keeps what the packet becomes until a session is open, and asks for one. A large packet waits
  /// as its segments, each with its checksum completed.
  private mutating func wait(
    _ range: PacketRange, _ offload: OffloadHeader, for index: PeerIndex, slab: inout PacketSlab,
    arena: inout PacketArena, at now: Timestamp, into out: inout TransmitOutput
  ) {
    out.events.append(.wanted(index))
    var packet = slab[range]
    guard offload.gsoType != 0 else {
      let isPartial = offload.flags & OffloadHeader.needsChecksum != 0
      if isPartial, !complete(&packet, offload) { return }
      wait(packet.bytes.copyBytes(), for: index, at: now, into: &out)
      return
    }
    guard let cutter = SegmentCutter(packet.bytes, offload, into: &arena) else {
      counters.oversized += 1
      return
    }
    // Refused, the large packet is one packet to its sender: one error.
    let isRefused = peers[index]?.isUnreachable == true
    let count = isRefused ? 1 : min(cutter.count, TransmitterPeer.waitingLimit)
    counters.queue += UInt64(cutter.count - count)
    for segment in 0..<count {
      let part = cutter.segment(segment, in: &packet, headers: arena)
      var copy = packet.bytes.extracting(part).copyBytes()
      copy.withMutableRawSpan { cutter.setChecksum(of: &$0) }
      wait(copy, for: index, at: now, into: &out)
    }
  }

  private mutating func wait(
    _ packet: [UInt8], for index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard var peer = peers[index] else { return }
    guard !peer.isUnreachable else {
      counters.queue += 1
      refuse(packet.rawSpan, for: peer, into: &out)
      return
    }
    if peer.waiting.count == TransmitterPeer.waitingLimit {
      peer.waiting.removeFirst()
      counters.queue += 1
    }
    let isLost = peer.sending != nil && peer.path?.isLost == true
    peer.waiting.append(
      (packet, now + (isLost ? TransmitterPeer.heldTime : TransmitterPeer.waitingTime)))
    peers[index] = peer
  }

  /// Tells the local sender of `packet` why it does not reach its destination. IPv4 packets for a
  /// contact carry wire aliases by now; the error speaks of local ones.
  mutating func refuse(
    _ packet: RawSpan, for peer: TransmitterPeer?, because reason: ICMPError.Reason = .unreachable,
    into out: inout TransmitOutput
  ) {
    guard case .v4(let header) = IPPacket(packet) else {
      if let reply = ICMPError.message(reason, about: packet, from: .v6(address.address)) {
        out.replies.append(reply)
      }
      return
    }
    guard let alias else { return }
    var local = packet.copyBytes()
    if let peer, let peerAlias = peer.alias {
      local.withMutableRawSpan { span in
        AliasTranslation(source: (wireAlias, alias), destination: (peer.wireAlias, peerAlias))
          .apply(to: &span, header)
      }
    }
    // In the destination's name: Linux takes no IPv4 packet that comes from an address of its own.
    let source = peer?.alias ?? header.destination
    if let reply = ICMPError.message(reason, about: local.rawSpan, from: .v4(source)) {
      out.replies.append(reply)
    }
  }
}
