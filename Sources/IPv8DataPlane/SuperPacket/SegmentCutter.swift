import IPv8Wire

/// Cuts a large TCP or UDP packet, as the kernel hands it over to be segmented, into segments that
/// each carry the headers (TCP: RFC 9293; UDP: one datagram each).
///
/// Works in place: the headers of segment n are written over the end of segment n-1, which must
/// have been used by then.
struct SegmentCutter {
  let layout: TransportLayout
  /// Payload bytes of each segment but the last.
  let segmentSize: Int
  let count: Int
  private let payloadLength: Int
  private let sequence: UInt32
  private let identification: UInt16
  private let flags: UInt8
  /// The checksum as it came: the sum of the pseudo-header of the whole.
  private let pseudoHeader: UInt16

  /// TCP flags that only the last segment keeps, and the one that only the first does.
  private static let lastOnly: UInt8 = 0x09
  private static let firstOnly: UInt8 = 0x80

  /// Keeps the headers of `packet` in the arena's scratch. Nil where the packet cannot be cut.
  ///
  /// - Parameter size: payload bytes of a segment, of TCP; nil for what the kernel wants.
  init?(
    _ packet: RawSpan, _ offload: OffloadHeader, into arena: inout PacketArena, size: Int? = nil
  ) {
    guard let layout = TransportLayout(extended: packet), offload.gsoSize > 0,
      packet.byteCount > layout.headerLength, layout.headerLength <= PacketArena.scratch
    else { return nil }
    let isPartial = offload.flags & OffloadHeader.needsChecksum != 0
    if isPartial, layout.transport != Int(offload.checksumStart) { return nil }
    self.layout = layout
    segmentSize = max(1, size ?? Int(offload.gsoSize))
    payloadLength = packet.byteCount - layout.headerLength
    count = (payloadLength + segmentSize - 1) / segmentSize
    sequence = layout.isTCP ? packet.bigEndian(UInt32.self, at: layout.transport + 4) : 0
    flags = layout.isTCP ? packet.bigEndian(UInt8.self, at: layout.transport + 13) : 0
    identification = layout.isIPv6 ? 0 : packet.bigEndian(UInt16.self, at: 4)
    pseudoHeader = packet.bigEndian(UInt16.self, at: layout.transport + layout.checksumOffset)
    var scratch = arena[0, layout.headerLength]
    scratch.copy(packet.extracting(0..<layout.headerLength), to: 0)
  }

  /// Writes the headers of segment `index` in front of its payload and returns where the segment
  /// lies in `packet`. Lengths and sequence are its own; the checksums are left to be set.
  func segment(
    _ index: Int, in packet: inout MutableRawSpan, headers: borrowing PacketArena
  ) -> Range<Int> {
    let payload = layout.headerLength + index * segmentSize
    let length = min(segmentSize, payloadLength - index * segmentSize)
    let start = payload - layout.headerLength
    packet.copy(headers.contents(0, layout.headerLength), to: start)
    let total = layout.headerLength + length
    if layout.isIPv6 {
      packet.storeBigEndian(UInt16(total - IPv6Header.byteCount), at: start + 4)
    } else {
      packet.storeBigEndian(UInt16(total), at: start + 2)
      packet.storeBigEndian(identification &+ UInt16(index), at: start + 4)
    }
    let transport = start + layout.transport
    if layout.isTCP {
      packet.storeBigEndian(sequence &+ UInt32(index * segmentSize), at: transport + 4)
      var kept = flags
      if index != count - 1 { kept &= ~Self.lastOnly }
      if index != 0 { kept &= ~Self.firstOnly }
      packet.storeBigEndian(kept, at: transport + 13)
    } else {
      packet.storeBigEndian(UInt16(8 + length), at: transport + 4)
    }
    return start..<(start + total)
  }

  /// Computes the checksums of a segment.
  func setChecksum(of segment: inout MutableRawSpan) {
    guard layout.isExtended else {
      segment.setFullChecksum(layout)
      return
    }
    // The kernel's sum has the addresses that a routing header may hide; its length is the whole's.
    let transport = layout.transport
    let whole = UInt16(truncatingIfNeeded: layout.headerLength - transport + payloadLength)
    let sum = UInt64(pseudoHeader) + UInt64(~whole) + UInt64(segment.byteCount - transport)
    segment.storeBigEndian(~InternetChecksum.fold(sum), at: transport + layout.checksumOffset)
    _ = segment.completeChecksum(start: transport, offset: layout.checksumOffset)
  }
}
