import IPv8Wire

/// A packet of OpenPGP (RFC 9580 §4.2), in either header format; none of partial or unknown length.
struct OpenPGPPacket: Equatable {
  enum Kind: UInt8 {
    case signature = 2
    case publicKey = 6
    case userID = 13
    case publicSubkey = 14
    case userAttribute = 17
  }

  /// Packets of one file.
  static let limit = 65_536

  /// Nil for kinds that say nothing here.
  let kind: Kind?
  let body: [UInt8]

  /// All packets of `bytes`; nil where they are none, or too many.
  static func all(_ bytes: [UInt8]) -> [OpenPGPPacket]? {
    var reader = ByteReader(bytes.rawSpan)
    var packets: [OpenPGPPacket] = []
    while reader.remaining > 0 {
      guard packets.count < limit, let packet = try? read(&reader) else { return nil }
      packets.append(packet)
    }
    return packets
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> OpenPGPPacket {
    let first = try reader.integer(UInt8.self)
    guard first & 0x80 != 0 else { throw Truncated() }
    guard first & 0x40 == 0 else {
      let count = try length(&reader)
      return OpenPGPPacket(kind: Kind(rawValue: first & 0x3f), body: try reader.array(count))
    }
    let count: Int
    switch first & 3 {
    case 0: count = Int(try reader.integer(UInt8.self))
    case 1: count = Int(try reader.integer(UInt16.self))
    case 2: count = Int(try reader.integer(UInt32.self))
    default: throw Truncated()
    }
    return OpenPGPPacket(kind: Kind(rawValue: first >> 2 & 0xf), body: try reader.array(count))
  }

  /// A length of the present format.
  private static func length(_ reader: inout ByteReader) throws(Truncated) -> Int {
    let first = Int(try reader.integer(UInt8.self))
    switch first {
    case ..<192: return first
    case ..<224: return (first - 192) << 8 + Int(try reader.integer(UInt8.self)) + 192
    case 255: return Int(try reader.integer(UInt32.self))
    default: throw Truncated()
    }
  }
}

extension ByteReader {
  /// A multiprecision integer (RFC 9580 §3.2) without its leading zeros.
  mutating func mpi() throws(Truncated) -> [UInt8] {
    let bits = Int(try integer(UInt16.self))
    return try array((bits + 7) / 8)
  }

  /// As above in `count` bytes, with leading zeros.
  mutating func mpi(_ count: Int) throws(Truncated) -> [UInt8] {
    let value = try mpi()
    guard value.count <= count else { throw Truncated() }
    return [UInt8](repeating: 0, count: count - value.count) + value
  }
}
