import IPv8Wire

/// Consecutive segments of one flow, joined in the arena into one large packet that the kernel takes
/// as a whole.
///
/// Rules: same peer, same headers apart from length, sequence, IPv4 id and checksums; ids that count up,
/// as they will again when the packet is cut, unless the Don't Fragment bit makes them meaningless
/// (RFC 6864 §4); equal payload sizes, the last may be shorter; a segment with PSH or FIN is the last;
/// at most 64 KiB, and of UDP no more datagrams than the kernel takes as one.
struct PacketRun {
  /// Of the joined packet, below the limit of its length fields.
  static let byteLimit = 65_000
  /// UDP_MAX_SEGMENTS of older kernels; a packet of more is refused whole.
  static let datagramLimit = 64
  private static let push = HeaderPattern.push
  private static let finish = HeaderPattern.finish
  private static let reduced = HeaderPattern.reduced
  /// SYN, RST, URG: such segments stand alone.
  private static let alone: UInt8 = 0x26
  private static let dontFragment: UInt16 = 0x4000

  let peer: PeerIndex
  let layout: TransportLayout
  /// Where the packet lies in the arena.
  let start: Int
  private(set) var end: Int
  private let segmentSize: Int
  /// What the headers of all segments share.
  private let pattern: HeaderPattern
  /// Of the first segment, where it means something.
  private let identification: UInt16?
  private var count = 1
  private var nextSequence: UInt32
  private var isComplete: Bool
  /// PSH and FIN of the last segment.
  private var ends: UInt8 = 0

  /// Begins a run with the checked packet at `start` of the arena.
  init(
    _ layout: TransportLayout, at start: Int, count byteCount: Int, of peer: PeerIndex,
    in arena: inout PacketArena
  ) {
    pattern = HeaderPattern(layout, at: start, in: &arena)
    let packet = arena.contents(start, byteCount)
    self.peer = peer
    self.layout = layout
    self.start = start
    end = start + byteCount
    segmentSize = byteCount - layout.headerLength
    let isAtomic = layout.isIPv6 || packet.bigEndian(UInt16.self, at: 6) & Self.dontFragment != 0
    identification = isAtomic ? nil : packet.bigEndian(UInt16.self, at: 4)
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
      end - start + payload <= Self.byteLimit, layout.isTCP || count < Self.datagramLimit
    else { return false }
    guard pattern.matches(offset, in: arena) else { return false }
    let packet = arena.contents(offset, byteCount)
    guard layout.hasLength(byteCount, in: packet) else { return false }
    if let identification,
      packet.bigEndian(UInt16.self, at: 4) != identification &+ UInt16(truncatingIfNeeded: count)
    {
      return false
    }
    return !layout.isTCP
      || packet.bigEndian(UInt32.self, at: layout.transport + 4) == nextSequence
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
