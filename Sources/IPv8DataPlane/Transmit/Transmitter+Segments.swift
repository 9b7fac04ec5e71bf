import IPv8Wire
import P2TP

// Packets that the kernel left to be finished: to be cut, or with a checksum still to be computed.

extension Transmitter {
  /// Seals each segment of a large packet, or puts it into the queue.
  mutating func cut(
    _ range: PacketRange, _ offload: OffloadHeader, on place: Int, of index: PeerIndex,
    slab: inout PacketSlab, arena: inout PacketArena, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    guard let layout = TransportLayout(extended: slab.contents(of: range)),
      let cutter = SegmentCutter(
        slab.contents(of: range), offload, into: &arena,
        size: segmentSize(Int(offload.gsoSize), layout, to: index))
    else {
      counters.oversized += 1
      return
    }
    let takesChunks =
      sessions[place].peerCapabilities.contains(.chunks) && !cutter.layout.isExtended
    for segment in 0..<cutter.count {
      var packet = slab[range]
      let part = cutter.segment(segment, in: &packet, headers: arena)
      let piece = PacketRange(
        slot: Int(range.slot), offset: Int(range.offset) + part.lowerBound, length: part.count)
      let isSealed: Bool
      if takesChunks {
        isSealed = passChunk(
          piece, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
      } else {
        var segment = slab[piece]
        cutter.setChecksum(of: &segment)
        isSealed = pass(
          piece, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
      }
      if !isSealed { return }
    }
  }

  /// As ``pass(_:isChunk:on:of:slab:arena:at:into:)`` for a packet whose checksum is partial: the mark of a
  /// chunk takes the byte before it.
  @discardableResult
  mutating func passChunk(
    _ range: PacketRange, on place: Int, of index: PeerIndex, slab: inout PacketSlab,
    arena: inout PacketArena, at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    let marked = range.grown(front: 1, back: 0)
    var text = slab[marked]
    text.storeBigEndian(Frame.chunkMark, at: 0)
    return pass(
      marked, isChunk: true, on: place, of: index, slab: &slab, arena: &arena, at: now, into: &out)
  }

  /// The transport of `packet` if it is its checksum that the kernel left out, not that of a packet
  /// within (VXLAN), nor one behind extension headers.
  func openTransport(of packet: RawSpan, _ offload: OffloadHeader) -> TransportLayout? {
    guard let layout = TransportLayout(packet), layout.transport == Int(offload.checksumStart),
      layout.checksumOffset == Int(offload.checksumOffset)
    else { return nil }
    return layout
  }

  /// Computes a checksum that the kernel left to us: anew where it is that of the packet's own
  /// transport, because its addresses may have been translated since; else from the sum it has so
  /// far. False where the checksum is said to lie outside the packet.
  mutating func complete(_ packet: inout MutableRawSpan, _ offload: OffloadHeader) -> Bool {
    if let layout = openTransport(of: packet.bytes, offload) {
      packet.setFullChecksum(layout)
      return true
    }
    let isDone = packet.completeChecksum(
      start: Int(offload.checksumStart), offset: Int(offload.checksumOffset))
    if !isDone { counters.malformed += 1 }
    return isDone
  }
}
