/// One message of a netlink datagram: `nlmsghdr` of linux/netlink.h.
///
///     byte 0        4      6       8          12     16
///     +--------+------+-------+----------+------+---------
///     | length | type | flags | sequence | port | body ...
///     +--------+------+-------+----------+------+---------
///
/// All integers are in the machine's byte order; the next message begins at a multiple of four.
public struct NetlinkMessage: Equatable, Sendable {
  public static let headerSize = 16

  public let type: UInt16
  public let flags: UInt16
  public let sequence: UInt32
  /// Where the body lies among the bytes that were parsed.
  public let body: Range<Int>
  /// Where the next message begins; the end of the bytes after the last.
  public let end: Int

  /// The message at `offset`; nil unless it lies wholly within `bytes`.
  public init?(_ bytes: RawSpan, at offset: Int) {
    guard let length = bytes.native(UInt32.self, at: offset),
      let type = bytes.native(UInt16.self, at: offset + 4),
      let flags = bytes.native(UInt16.self, at: offset + 6),
      let sequence = bytes.native(UInt32.self, at: offset + 8),
      length >= Self.headerSize, Int(length) <= bytes.byteCount - offset
    else { return nil }
    self.type = type
    self.flags = flags
    self.sequence = sequence
    body = offset + Self.headerSize..<offset + Int(length)
    end = min(bytes.byteCount, offset + aligned(Int(length)))
  }
}

/// `length` rounded up to the alignment of netlink messages and attributes.
func aligned(_ length: Int) -> Int { (length + 3) & ~3 }
