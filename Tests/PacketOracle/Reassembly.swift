/// Puts IP fragments together (RFC 791 §3.2, RFC 8200 §4.5): those of one packet, in any order.
public struct Reassembly {
  private struct Key: Hashable {
    let source: [UInt8]
    let destination: [UInt8]
    let number: UInt8
    let identification: UInt32
  }

  private var waiting: [Key: [(offset: Int, isLast: Bool, bytes: [UInt8], header: [UInt8])]] = [:]

  public init() {}

  /// Packets of which something is there and something is missing.
  public var incomplete: Int { waiting.count }

  /// The whole packet: `bytes` itself where it is no fragment, nil where more is missing.
  public mutating func add(_ bytes: [UInt8]) -> [UInt8]? {
    guard let layers = IPLayers(bytes), let fragment = layers.fragment else { return bytes }
    // IPv4 tells packets apart by protocol too.
    let key = Key(
      source: layers.source, destination: layers.destination,
      number: layers.isIPv6 ? 0 : layers.number, identification: fragment.identification)
    // The first begins with headers that are its content: what it holds begins behind the fragment
    // header.
    let start = layers.isIPv6 ? Self.contentStart(bytes) : layers.transport
    waiting[key, default: []].append(
      (fragment.offset, fragment.isLast, Array(bytes[start...]), Array(bytes[..<start])))
    let parts = (waiting[key] ?? []).sorted { $0.offset < $1.offset }
    var whole: [UInt8] = []
    for part in parts {
      guard part.offset <= whole.count else { return nil }
      whole = Array(whole[..<part.offset]) + part.bytes
    }
    guard parts.last?.isLast == true, let header = parts.first?.header else { return nil }
    waiting[key] = nil
    return Self.joined(header, whole, isIPv6: layers.isIPv6)
  }

  private static func contentStart(_ bytes: [UInt8]) -> Int {
    var (next, at) = (bytes[6], 40)
    while next != 44 { (next, at) = (bytes[at], at + 8 + Int(bytes[at + 1]) * 8) }
    return at + 8
  }

  private static func joined(_ header: [UInt8], _ body: [UInt8], isIPv6: Bool) -> [UInt8] {
    var packet = header
    if isIPv6 {
      // The fragment header goes, and the one before it names what it named.
      let next = packet[packet.count - 8]
      packet.removeLast(8)
      var (at, names) = (40, 6)
      while at < packet.count { (names, at) = (at, at + 8 + Int(packet[at + 1]) * 8) }
      packet[names] = next
      packet.put(UInt16(packet.count - 40 + body.count), at: 4)
    } else {
      packet.put(UInt16(packet.count + body.count), at: 2)
      packet.put(0 as UInt16, at: 6)
      packet.put(0 as UInt16, at: 10)
      packet.put(NaiveChecksum.checksum(packet), at: 10)
    }
    return packet + body
  }
}
