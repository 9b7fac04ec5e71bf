import IPv8Wire

/// What a kernel makes of a packet that comes from a TUN with its offload header: complete packets,
/// as its own sockets see them or as they would leave by a wire.
public enum NaiveSegmenter {
  /// Nil where the header does not fit the packet, which a kernel refuses.
  public static func segments(_ packet: TUNPacket) -> [[UInt8]]? {
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
    let (start, size) = (Int(offload.checksumStart), Int(offload.gsoSize))
    let isIPv6 = bytes[0] >> 4 == 6
    let isTCP = offload.checksumOffset == 16
    // The kernel's own header length says how much of the packet is in one piece: that at least.
    let header = start + (isTCP ? Int(bytes[start + 12] >> 4) * 4 : 8)
    let kinds: [OffloadHeader.Segmentation] = isTCP ? [isIPv6 ? .tcp6 : .tcp4] : [.udp]
    guard kinds.contains(where: { $0.rawValue == offload.gsoType & 0x7f }), size > 0,
      bytes.count > header + size, offload.headerLength >= header
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

  /// The packet with its IPv4 header, TCP, UDP and ICMP checksums from scratch; as it is where it
  /// is no IP packet.
  public static func withChecksums(_ bytes: [UInt8]) -> [UInt8] {
    guard let layers = IPLayers(bytes) else { return bytes }
    var bytes = bytes
    if !layers.isIPv6 {
      bytes.put(0 as UInt16, at: 10)
      bytes.put(NaiveChecksum.checksum(Array(bytes[..<layers.transport])), at: 10)
    }
    let offsets: [UInt8: Int] = [6: 16, 17: 6, 1: 2, 58: 2]
    guard layers.fragment == nil, let offset = offsets[layers.number],
      bytes.count >= layers.transport + offset + 2
    else { return bytes }
    let at = layers.transport + offset
    bytes.put(0 as UInt16, at: at)
    let body = Array(bytes[layers.transport...])
    let pseudo =
      layers.number == 1
      ? []
      : NaiveChecksum.pseudoHeader(layers.source, layers.destination, layers.number, body.count)
    let sum = NaiveChecksum.checksum(pseudo + body)
    bytes.put(sum == 0 && layers.number == 17 ? 0xffff : sum, at: at)
    return bytes
  }
}
