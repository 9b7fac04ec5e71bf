import IPv8Wire

/// What a kernel makes of a packet that comes from a TUN with its offload header: complete packets,
/// as its own sockets see them or as they would leave by a wire.
enum NaiveSegmenter {
  /// Nil where the header does not fit the packet, which a kernel refuses.
  static func segments(_ packet: TUNPacket) -> [[UInt8]]? {
    let offload = packet.offload
    guard offload.flags & OffloadHeader.needsChecksum != 0 else {
      return offload.gsoType == 0 ? [packet.bytes] : nil
    }
    // What is there so far must be the pseudo-header's sum, of which the kernel makes the checksum.
    let whole = completed(packet.bytes, offload)
    guard let whole, whole == withChecksums(packet.bytes) else { return nil }
    if offload.gsoType == 0 { return [whole] }
    return cut(packet.bytes, offload)
  }

  private static func completed(_ bytes: [UInt8], _ offload: OffloadHeader) -> [UInt8]? {
    var bytes = bytes
    let (start, offset) = (Int(offload.checksumStart), Int(offload.checksumOffset))
    guard start + offset + 2 <= bytes.count else { return nil }
    let sum = NaiveChecksum.checksum(Array(bytes[start...]))
    bytes.put(sum == 0 && offset == 6 ? 0xffff : sum, at: start + offset)
    return bytes
  }

  private static func cut(_ bytes: [UInt8], _ offload: OffloadHeader) -> [[UInt8]]? {
    let (header, size) = (Int(offload.headerLength), Int(offload.gsoSize))
    let start = Int(offload.checksumStart)
    let isIPv6 = bytes[0] >> 4 == 6
    let isTCP = offload.checksumOffset == 16
    let kinds: [OffloadHeader.Segmentation] = isTCP ? [isIPv6 ? .tcp6 : .tcp4] : [.udp]
    guard kinds.contains(where: { $0.rawValue == offload.gsoType & 0x7f }), size > 0,
      bytes.count > header + size
    else { return nil }
    // Without the mark a NIC would repeat CWR on every segment.
    if isTCP, (bytes[start + 13] & 0x80 != 0) != (offload.gsoType & 0x80 != 0) { return nil }
    let payload = Array(bytes[header...])
    let starts = Array(stride(from: 0, to: payload.count, by: size))
    // Older kernels take no more UDP datagrams than UDP_MAX_SEGMENTS as one.
    guard isTCP || starts.count <= 64 else { return nil }
    return starts.enumerated().map { index, at in
      var segment = Array(bytes[..<header]) + payload[at..<min(at + size, payload.count)]
      if isIPv6 {
        segment.put(UInt16(segment.count - 40), at: 4)
      } else {
        segment.put(UInt16(segment.count), at: 2)
        segment.put(segment.word(4) &+ UInt16(index), at: 4)
      }
      if isTCP {
        segment.put(segment.long(start + 4) &+ UInt32(at), at: start + 4)
        if index < starts.count - 1 { segment[start + 13] &= ~0x09 }
        if index > 0 { segment[start + 13] &= ~0x80 }
      } else {
        segment.put(UInt16(segment.count - start), at: start + 4)
      }
      return withChecksums(segment)
    }
  }

  /// The packet with its IPv4 header and TCP or UDP checksums from scratch.
  static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let isIPv6 = bytes[0] >> 4 == 6
    let start = isIPv6 ? 40 : Int(bytes[0] & 15) * 4
    let number = bytes[isIPv6 ? 6 : 9]
    let at = start + (number == 6 ? 16 : 6)
    if !isIPv6 {
      bytes.put(0 as UInt16, at: 10)
      bytes.put(NaiveChecksum.checksum(Array(bytes[..<start])), at: 10)
    }
    bytes.put(0 as UInt16, at: at)
    let addresses = Array(isIPv6 ? bytes[8..<40] : bytes[12..<20])
    let length = UInt16(bytes.count - start)
    let sum = NaiveChecksum.checksum(addresses + [0, number] + .big(length) + bytes[start...])
    bytes.put(sum == 0 && number == 17 ? 0xffff : sum, at: at)
    return bytes
  }
}

/// Which of a series of complete packets a receiver should join: an obvious reading of
/// docs/protocol (Chunks).
enum NaiveJoiner {
  static func groups(_ packets: [[UInt8]]) -> [[[UInt8]]] {
    var groups: [[[UInt8]]] = []
    for packet in packets {
      if let group = groups.last, continues(packet, group) {
        groups[groups.count - 1].append(packet)
      } else {
        groups.append([packet])
      }
    }
    return groups
  }

  private struct Parts {
    var headers: [UInt8]
    let payload: Int
    let sequence: UInt32?
    let flags: UInt8

    /// The headers without what may differ.
    init?(_ bytes: [UInt8]) {
      let isIPv6 = bytes[0] >> 4 == 6
      let start = isIPv6 ? 40 : Int(bytes[0] & 15) * 4
      let number = bytes[isIPv6 ? 6 : 9]
      guard number == 6 || number == 17, isIPv6 || bytes.word(6) & 0x3fff == 0 else { return nil }
      let length = number == 6 ? Int(bytes[start + 12] >> 4) * 4 : 8
      headers = Array(bytes[..<(start + length)])
      payload = bytes.count - headers.count
      for at in isIPv6 ? [4] : [2, 4, 10] { headers.put(0 as UInt16, at: at) }
      headers.put(0 as UInt16, at: start + (number == 6 ? 16 : 6))
      sequence = number == 6 ? bytes.long(start + 4) : nil
      flags = number == 6 ? bytes[start + 13] : 0
      if number == 6 {
        headers.put(0 as UInt32, at: start + 4)
        headers[start + 13] &= ~0x89
      } else {
        headers.put(0 as UInt16, at: start + 4)
      }
    }
  }

  private static func continues(_ packet: [UInt8], _ group: [[UInt8]]) -> Bool {
    guard let next = Parts(packet), let first = Parts(group[0]),
      let last = Parts(group[group.count - 1]), next.headers == first.headers,
      last.flags & 0x0f == 0, next.flags & 0xa6 == 0, next.payload > 0,
      last.payload == first.payload, next.payload <= first.payload
    else { return false }
    guard next.sequence != nil || group.count < 64 else { return false }
    let total = first.headers.count + group.count * first.payload + next.payload
    return total <= 65_000 && next.sequence == last.sequence.map { $0 &+ UInt32(last.payload) }
  }
}

/// Where two series of packets differ first, in one line; nil where they are equal.
func difference(_ found: [[UInt8]], _ expected: [[UInt8]]) -> String? {
  for (index, (one, other)) in zip(found, expected).enumerated() where one != other {
    let at = zip(one, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    return "packet \(index), byte \(at ?? -1); \(one.count) bytes for \(other.count): "
      + "\(one.prefix(64)) for \(other.prefix(64))"
  }
  return found.count == expected.count ? nil : "\(found.count) packets for \(expected.count)"
}
