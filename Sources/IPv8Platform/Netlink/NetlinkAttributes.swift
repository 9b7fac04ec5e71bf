import IPv8Wire

/// The attributes after a message's fixed part: `rtattr` of linux/rtnetlink.h, each a 16-bit length
/// (with these four bytes), a 16-bit type and a payload, padded to a multiple of four.
struct NetlinkAttributes: ~Escapable {
  private let bytes: RawSpan
  private var offset: Int

  /// The attributes from `offset` to the end of `bytes`.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, from offset: Int) {
    self.bytes = bytes
    self.offset = min(offset, bytes.byteCount)
  }

  /// The next attribute's type, without its flag bits, and where its payload lies; nil at the end,
  /// which is also where an attribute claims more than there is.
  mutating func next() -> (type: Int, payload: Range<Int>)? {
    guard let length = bytes.native(UInt16.self, at: offset),
      let type = bytes.native(UInt16.self, at: offset + 2),
      length >= 4, Int(length) <= bytes.byteCount - offset
    else { return nil }
    let payload = offset + 4..<offset + Int(length)
    offset = min(bytes.byteCount, offset + aligned(Int(length)))
    return (Int(type & 0x3fff), payload)
  }
}
