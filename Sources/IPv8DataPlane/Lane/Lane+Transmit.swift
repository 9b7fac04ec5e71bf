import IPv8Crypto
import IPv8Wire
import P2TP

extension Lane {
  /// Seals `packets`, which the TUN gave into `slab`, each in its place.
  public mutating func transmit(
    _ packets: [PacketRange], slab: inout PacketSlab, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    for range in packets { transmit(range, slab: &slab, at: now, into: &out) }
  }

  private mutating func transmit(
    _ range: PacketRange, slab: inout PacketSlab, at now: Timestamp, into out: inout LaneOutput
  ) {
    var packet = slab[range]
    guard let index = route(&packet, into: &out) else { return }
    guard let id = peers[index]?.sending, let place = sessions.place(of: id) else {
      wait(packet.bytes.copyBytes(), for: index, at: now, into: &out)
      return
    }
    let grown = range.grown(front: DatagramKind.recordPrefix, back: AEADSuite.tagByteCount)
    var datagram = slab[grown]
    switch sessions[place].seal(&datagram, isData: true, at: now) {
    case .sealed:
      let count = Int(grown.length)
      guard let destination = peers[index]?.path?.destination(for: count) else { return }
      peers[index]?.sentBytes += UInt64(range.length)
      out.datagrams.append(OutgoingDatagram(range: grown, destination: destination))
      if sessions[place].takeRekeyDue(at: now) { out.events.append(.rekeyDue(index)) }
      touch(place)
    case .limited: counters.rate += 1
    case .expired:
      counters.expired += 1
      end(place, closedByPeer: false, into: &out)
      out.events.append(.wanted(index))
    }
  }

  /// The contact that `packet` is for, its IPv4 aliases rewritten to those of the wire. Nil where
  /// the packet goes nowhere; the local host is told so.
  private mutating func route(
    _ packet: inout MutableRawSpan, into out: inout LaneOutput
  ) -> PeerIndex? {
    switch IPPacket(packet.bytes) {
    case .v6(let header):
      guard header.source == address.address, let to = OverlayAddress(header.destination) else {
        counters.unroutable += 1
        return nil
      }
      if let index = routes6[to] { return index }
    case .v4(let header):
      guard let alias, header.source == alias else {
        counters.unroutable += 1
        return nil
      }
      if let index = routes4[header.destination], let peer = peers[index] {
        AliasTranslation(
          source: (alias, wireAlias), destination: (header.destination, peer.wireAlias)
        ).apply(to: &packet, header)
        return index
      }
    case nil:
      counters.unroutable += 1
      return nil
    }
    counters.unknownPeer += 1
    refuse(packet.bytes, for: nil, into: &out)
    return nil
  }

  /// Keeps a copy of `packet` until a session is open, and asks for one.
  private mutating func wait(
    _ packet: [UInt8], for index: PeerIndex, at now: Timestamp, into out: inout LaneOutput
  ) {
    guard var peer = peers[index] else { return }
    out.events.append(.wanted(index))
    guard !peer.isUnreachable else {
      counters.queue += 1
      refuse(packet.rawSpan, for: peer, into: &out)
      return
    }
    if peer.waiting.count == LanePeer.waitingLimit {
      peer.waiting.removeFirst()
      counters.queue += 1
    }
    peer.waiting.append((packet, now))
    peers[index] = peer
  }

  /// Tells the local sender of `packet` that its destination cannot be reached. IPv4 packets for a
  /// contact carry wire aliases by now; the error speaks of local ones.
  mutating func refuse(_ packet: RawSpan, for peer: LanePeer?, into out: inout LaneOutput) {
    guard case .v4(let header) = IPPacket(packet) else {
      if let reply = ICMPError.addressUnreachable(about: packet, from: .v6(address.address)) {
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
    if let reply = ICMPError.addressUnreachable(about: local.rawSpan, from: .v4(alias)) {
      out.replies.append(reply)
    }
  }

  /// Sends a packet that waited, on the session that is open now.
  mutating func sendWaiting(
    _ packet: [UInt8], of index: PeerIndex, at now: Timestamp, into out: inout LaneOutput
  ) {
    guard let id = peers[index]?.sending else { return }
    guard let endpoint = seal(packet, on: id, isData: true, at: now) else { return }
    peers[index]?.sentBytes += UInt64(packet.count)
    let count = endpoint.count
    guard let destination = peers[index]?.path?.destination(for: count) else { return }
    out.records.append(LaneOutput.ControlRecord(bytes: endpoint, destination: destination))
  }

  /// Sends a record of `frames` without data to `endpoint`, unless that is more than an unproven
  /// endpoint may get.
  mutating func sendRecord(
    _ frames: [UInt8], on id: SessionID, to endpoint: Endpoint, at now: Timestamp,
    into out: inout LaneOutput
  ) {
    let byteCount = DatagramKind.recordPrefix + frames.count + AEADSuite.tagByteCount
    guard let place = sessions.place(of: id),
      peers[sessions[place].peer]?.path?.admits(byteCount, to: endpoint) ?? true,
      let bytes = seal(frames, on: id, isData: false, at: now)
    else { return }
    out.records.append(LaneOutput.ControlRecord(bytes: bytes, destination: endpoint))
  }

  private mutating func seal(
    _ plaintext: [UInt8], on id: SessionID, isData: Bool, at now: Timestamp
  ) -> [UInt8]? {
    guard let place = sessions.place(of: id) else { return nil }
    var datagram = [UInt8](repeating: 0, count: DatagramKind.recordPrefix)
    datagram += plaintext
    datagram += [UInt8](repeating: 0, count: AEADSuite.tagByteCount)
    let outcome = datagram.withMutableRawSpan { span in
      sessions[place].seal(&span, isData: isData, at: now)
    }
    touch(place)
    return outcome == .sealed ? datagram : nil
  }
}
