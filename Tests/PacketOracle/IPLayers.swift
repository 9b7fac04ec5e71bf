/// Where the parts of an IP packet lie: a slow reading of RFC 791 and RFC 8200.
public struct IPLayers: Equatable, Sendable {
  public struct Fragment: Equatable, Sendable {
    /// In bytes.
    public let offset: Int
    public let isLast: Bool
    public let identification: UInt32
  }

  public let isIPv6: Bool
  public let source: [UInt8]
  public let destination: [UInt8]
  public let trafficClass: UInt8
  /// IPv4 options; IPv6 extension headers up to the transport, the fragment header too.
  public let options: [UInt8]
  /// Of the transport; in a fragment, of what the first one begins with.
  public let number: UInt8
  /// Where the transport, or the fragment's part of it, begins.
  public let transport: Int
  public let fragment: Fragment?

  /// Congestion Experienced and ECN-capable (RFC 3168), the low two bits.
  public var ecn: UInt8 { trafficClass & 3 }

  /// Nil where the lengths are not those of `bytes`.
  public init?(_ bytes: [UInt8]) {
    guard let version = bytes.first.map({ $0 >> 4 }) else { return nil }
    isIPv6 = version == 6
    guard isIPv6 else {
      guard version == 4, bytes.count >= 20, Int(bytes.word(2)) == bytes.count else { return nil }
      transport = Int(bytes[0] & 15) * 4
      guard transport >= 20, transport <= bytes.count else { return nil }
      (source, destination) = (Array(bytes[12..<16]), Array(bytes[16..<20]))
      (trafficClass, number) = (bytes[1], bytes[9])
      options = Array(bytes[20..<transport])
      let field = bytes.word(6)
      fragment =
        field & 0x3fff == 0
        ? nil
        : Fragment(
          offset: Int(field & 0x1fff) * 8, isLast: field & 0x2000 == 0,
          identification: UInt32(bytes.word(4)))
      return
    }
    guard bytes.count >= 40, Int(bytes.word(4)) == bytes.count - 40 else { return nil }
    (source, destination) = (Array(bytes[8..<24]), Array(bytes[24..<40]))
    trafficClass = UInt8(truncatingIfNeeded: bytes.word(0) >> 4)
    var (next, at, found) = (bytes[6], 40, nil as Fragment?)
    while [0, 43, 44, 60].contains(next), at + 8 <= bytes.count {
      if next == 44 {
        let field = bytes.word(at + 2)
        found = Fragment(
          offset: Int(field & ~7), isLast: field & 1 == 0, identification: bytes.long(at + 4))
        (next, at) = (bytes[at], at + 8)
        // What follows in a later fragment is no header.
        if found?.offset != 0 { break }
      } else {
        (next, at) = (bytes[at], at + 8 + Int(bytes[at + 1]) * 8)
      }
    }
    // The headers of the whole may go on behind the end of its first fragment.
    if found != nil { at = min(at, bytes.count) }
    guard at <= bytes.count else { return nil }
    (number, transport, fragment) = (next, at, found)
    options = Array(bytes[40..<at])
  }
}

/// Whether a packet's checksums are those of its bytes.
public enum ChecksumVerdict {
  /// What is wrong with `bytes`, in words; nil where every checksum in it is right. A fragment has
  /// none to judge but IPv4's own: see ``Reassembly``.
  public static func fault(_ bytes: [UInt8]) -> String? {
    guard let layers = IPLayers(bytes) else { return "no IP packet: \(bytes.prefix(60))" }
    if !layers.isIPv6, NaiveChecksum.checksum(Array(bytes[..<layers.transport])) != 0 {
      return "IPv4 header: \(bytes.prefix(60))"
    }
    guard layers.fragment == nil else { return nil }
    let body = Array(bytes[layers.transport...])
    let offsets: [UInt8: Int] = [6: 16, 17: 6, 1: 2, 58: 2]
    guard let offset = offsets[layers.number] else { return nil }
    guard body.count >= offset + 2 else { return "cut off: \(bytes)" }
    if layers.number == 17, body.word(6) == 0 {
      return layers.isIPv6 ? "UDP over IPv6 without a checksum" : nil
    }
    let pseudo =
      layers.number == 1
      ? []
      : NaiveChecksum.pseudoHeader(layers.source, layers.destination, layers.number, body.count)
    guard NaiveChecksum.checksum(pseudo + body) != 0 else { return nil }
    return "protocol \(layers.number): \(bytes.prefix(80))"
  }
}
