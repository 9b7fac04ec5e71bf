import IPv8Wire

// TCP is told, and cut to, what the way takes, so that it needs no fragments.

extension Transmitter {
  /// No SYN is longer: IPv6, and TCP with all its options.
  static let longestSYN = 100

  /// Lowers the maximum segment size that a SYN, or a SYN and ACK, offers to what crosses unfragmented
  /// (RFC 9293 §3.7.1), and asks the way for its sizes, as the data will want to know.
  mutating func clampSegmentSize(
    _ packet: inout MutableRawSpan, _ offload: OffloadHeader, to index: PeerIndex,
    at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard let mtu, let layout = TransportLayout(packet.bytes), layout.isTCP,
      packet.bigEndian(UInt8.self, at: layout.transport + 13) & 0x02 != 0
    else { return }
    if let id = peers[index]?.sending, let place = sessions.recall(id) {
      beginPathMTU(index, place, at: now, into: &out)
    }
    let inner = min(mtu, peers[index]?.path?.lastingMTU ?? mtu)
    let isPartial = offload.flags & OffloadHeader.needsChecksum != 0
    packet.clampSegmentSize(layout, to: inner - layout.transport - 20, isPartial: isPartial)
  }

  /// Payload bytes of the segments of a TCP packet with headers of `headerLength`, of which the kernel
  /// wants `wanted`.
  func segmentSize(_ wanted: Int, _ layout: TransportLayout, to index: PeerIndex) -> Int {
    guard layout.isTCP, let path = peers[index]?.path, path.mtu?.isBegun == true,
      let inner = path.innerMTU
    else { return wanted }
    return min(wanted, inner - layout.headerLength)
  }
}

extension MutableRawSpan {
  /// Lowers the maximum segment size option of the TCP packet that fills this span (RFC 9293 §3.2), and
  /// its checksum with it.
  ///
  /// - Parameter isPartial: the checksum does not cover the options yet.
  mutating func clampSegmentSize(_ layout: TransportLayout, to limit: Int, isPartial: Bool) {
    var at = layout.transport + 20
    while at + 4 <= layout.headerLength {
      switch bigEndian(UInt8.self, at: at) {
      case 0: return
      case 1: at += 1
      case 2 where bigEndian(UInt8.self, at: at + 1) == 4:
        setSegmentSize(at + 2, layout, limit, isPartial)
        return
      default:
        let length = Int(bigEndian(UInt8.self, at: at + 1))
        guard length >= 2 else { return }
        at += length
      }
    }
  }

  private mutating func setSegmentSize(
    _ at: Int, _ layout: TransportLayout, _ limit: Int, _ isPartial: Bool
  ) {
    guard Int(bigEndian(UInt16.self, at: at)) > limit else { return }
    // The words that the checksum sums, even where the option lies across two.
    let word = at - (at - layout.transport) % 2
    let isApart = word != at
    guard !isApart || word + 4 <= layout.headerLength else { return }
    let old = isApart ? bigEndian(UInt32.self, at: word) : UInt32(bigEndian(UInt16.self, at: word))
    storeBigEndian(UInt16(limit), at: at)
    let new = isApart ? bigEndian(UInt32.self, at: word) : UInt32(bigEndian(UInt16.self, at: word))
    guard !isPartial else { return }
    let place = layout.transport + layout.checksumOffset
    let sum = InternetChecksum.updated(bigEndian(UInt16.self, at: place), from: old, to: new)
    storeBigEndian(sum, at: place)
  }
}
