/// The header of a FRAG frame, whose part of a longer plaintext takes the rest of its record
/// (docs/protocol/path-mtu.md).
///
///     0x31 ‖ id(2) ‖ offset(2) ‖ total(2) ‖ part
public struct FragmentHeader: Equatable, Sendable {
  /// Its mark included.
  public static let byteCount = 7
  /// Parts of one plaintext.
  public static let countLimit = 4
  /// Bytes of a plaintext that is sent in parts: the longest packet of an interface, and its mark.
  public static let totalLimit = 9001

  /// The same in all parts of one plaintext, another in the next ones of the strand.
  public let id: UInt16
  /// Bytes of the plaintext in front of the part.
  public let offset: UInt16
  /// Bytes of the plaintext.
  public let total: UInt16

  public init(id: UInt16, offset: UInt16, total: UInt16) {
    self.id = id
    self.offset = offset
    self.total = total
  }

  /// Stores the header at the front of `bytes`; traps when there are fewer than 7.
  public func encode(into bytes: inout MutableRawSpan) {
    bytes.storeBigEndian(Frame.Kind.fragment, at: 0)
    bytes.storeBigEndian(id, at: 1)
    bytes.storeBigEndian(offset, at: 3)
    bytes.storeBigEndian(total, at: 5)
  }

  public var bytes: [UInt8] {
    var bytes = [Frame.Kind.fragment]
    bytes.append(bigEndian: id)
    bytes.append(bigEndian: offset)
    bytes.append(bigEndian: total)
    return bytes
  }

  /// The header behind its mark, in front of `reader.remaining` bytes of the part; nil where those do not
  /// lie within the plaintext, are all of it or none.
  init?(_ reader: inout ByteReader) throws(Truncated) {
    id = try reader.integer(UInt16.self)
    offset = try reader.integer(UInt16.self)
    total = try reader.integer(UInt16.self)
    guard reader.remaining > 0, reader.remaining < total, total <= Self.totalLimit,
      Int(offset) + reader.remaining <= total
    else { return nil }
  }
}
