import IPv8Wire

/// Consecutive segments of one flow, joined in the arena into one large packet that the kernel takes
/// as a whole.
///
/// Rules: same peer, same headers apart from length, sequence, IPv4 id and checksums; equal payload
/// sizes, the last may be shorter; a segment with PSH or FIN is the last; at most 64 KiB.
struct PacketRun {
  /// Of the joined packet, below the limit of its length fields.
  static let byteLimit = 65_000
  private static let push: UInt8 = 0x08
  private static let finish: UInt8 = 0x01
  /// CWR stays on the first segment alone, as segmentation will have it again.
  private static let reduced: UInt8 = 0x80
  /// SYN, RST, URG: such segments stand alone.
  private static let alone: UInt8 = 0x26

  let peer: PeerIndex
  let layout: TransportLayout
  /// Where the packet lies in the arena.
  let start: Int
  private(set) var end: Int
  private let segmentSize: Int
  private var count = 1
  private var nextSequence: UInt32
  private var isComplete: Bool
  /// PSH and FIN of the last segment.
  private var ends: UInt8 = 0

  /// Begins a run with the checked packet at `start` of the arena. Its headers are kept aside: those
  /// of a next segment whose payload is small overlap them.
  init(
    _ layout: TransportLayout, at start: Int, count byteCount: Int, of peer: PeerIndex,
    in arena: inout PacketArena
  ) {
    arena.move(start, layout.headerLength, to: PacketArena.runHeader)
    let packet = arena.contents(start, byteCount)
    self.peer = peer
    self.layout = layout
    self.start = start
    end = start + byteCount
    segmentSize = byteCount - layout.headerLength
    nextSequence = 0
    isComplete = segmentSize == 0
    if layout.isTCP {
      let flags = packet.bigEndian(UInt8.self, at: layout.transport + 13)
      nextSequence =
        packet.bigEndian(UInt32.self, at: layout.transport + 4) &+ UInt32(segmentSize)
      isComplete = isComplete || flags & (Self.push | Self.finish | Self.alone) != 0
    }
  }

  /// Bytes in front of a payload that continues this run: the frame's mark and the headers.
  var overlap: Int { 1 + layout.headerLength }

  /// Whether the packet at `offset` of the arena, `byteCount` long, is the next segment.
  private func continues(
    _ offset: Int, _ byteCount: Int, of peer: PeerIndex, in arena: borrowing PacketArena
  ) -> Bool {
    let payload = byteCount - layout.headerLength
    guard !isComplete, peer == self.peer, payload > 0, payload <= segmentSize,
      end - start + payload <= Self.byteLimit
    else { return false }
    guard follows(arena.contents(offset, byteCount)) else { return false }
    // One span over both headers.
    let both = arena.contents(0, offset + layout.headerLength)
    return sameHeaders(both, PacketArena.runHeader, offset)
  }

  /// Whether `packet` has the run's layout and sequence.
  private func follows(_ packet: RawSpan) -> Bool {
    guard TransportLayout(packet) == layout else { return false }
    return !layout.isTCP
      || packet.bigEndian(UInt32.self, at: layout.transport + 4) == nextSequence
  }

  /// Compares all header fields that segments of one flow share.
  private func sameHeaders(_ span: RawSpan, _ a: Int, _ b: Int) -> Bool {
    let t = layout.transport
    let ip =
      layout.isIPv6
      ? Self.equal(span, 0..<4, a, b) && Self.equal(span, 6..<40, a, b)
      : Self.equal(span, 0..<2, a, b) && Self.equal(span, 6..<10, a, b)
        && Self.equal(span, 12..<t, a, b)
    guard ip, Self.equal(span, t..<(t + 4), a, b) else { return false }
    guard layout.isTCP else { return true }
    let flags = span.bigEndian(UInt8.self, at: b + t + 13)
    let first = span.bigEndian(UInt8.self, at: a + t + 13)
    let mask = ~(Self.push | Self.finish)
    return Self.equal(span, (t + 8)..<(t + 13), a, b)
      && flags & mask == first & mask & ~Self.reduced
      && flags & Self.alone == 0 && Self.equal(span, (t + 14)..<(t + 16), a, b)
      && Self.equal(span, (t + 18)..<layout.headerLength, a, b)
  }

  /// Whether `range` counted from `a` holds the same bytes as counted from `b`.
  private static func equal(_ span: RawSpan, _ range: Range<Int>, _ a: Int, _ b: Int) -> Bool {
    var at = range.lowerBound
    while at + 8 <= range.upperBound {
      guard span.bigEndian(UInt64.self, at: a + at) == span.bigEndian(UInt64.self, at: b + at)
      else { return false }
      at += 8
    }
    while at < range.upperBound {
      guard span.bigEndian(UInt8.self, at: a + at) == span.bigEndian(UInt8.self, at: b + at)
      else { return false }
      at += 1
    }
    return true
  }

  /// Takes the packet at `offset`, whose payload lies at the run's end already, if it is the next
  /// segment. The caller puts back what its headers overwrote.
  mutating func take(
    _ offset: Int, _ byteCount: Int, of peer: PeerIndex, in arena: borrowing PacketArena
  ) -> Bool {
    guard continues(offset, byteCount, of: peer, in: arena) else { return false }
    let payload = byteCount - layout.headerLength
    if layout.isTCP {
      let flags = arena.contents(offset + layout.transport + 13, 1).bigEndian(UInt8.self, at: 0)
      ends = flags & (Self.push | Self.finish)
      isComplete = ends != 0
      nextSequence = nextSequence &+ UInt32(payload)
    }
    if payload < segmentSize { isComplete = true }
    end += payload
    count += 1
    return true
  }

  /// Sets lengths and checksums of the joined packet and the offload header before it.
  func finish(in arena: inout PacketArena) -> PacketRange {
    var packet = arena[start, end - start]
    packet.setPartialChecksum(layout)
    let kind: OffloadHeader.Segmentation =
      count == 1 ? .none : layout.isTCP ? (layout.isIPv6 ? .tcp6 : .tcp4) : .udp
    var congestion: UInt8 = 0
    if count > 1, layout.isTCP {
      let flags = packet.bigEndian(UInt8.self, at: layout.transport + 13) | ends
      packet.storeBigEndian(flags, at: layout.transport + 13)
      if flags & Self.reduced != 0 { congestion = OffloadHeader.congestion }
    }
    let header = OffloadHeader(
      flags: OffloadHeader.needsChecksum, gsoType: kind.rawValue | congestion,
      headerLength: UInt16(layout.headerLength), gsoSize: count == 1 ? 0 : UInt16(segmentSize),
      checksumStart: UInt16(layout.transport), checksumOffset: UInt16(layout.checksumOffset))
    var room = arena[start - OffloadHeader.byteCount, OffloadHeader.byteCount]
    header.encode(into: &room)
    return arena.range(start, end - start)
  }
}
