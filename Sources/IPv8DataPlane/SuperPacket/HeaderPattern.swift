import IPv8Wire

/// The header bytes that all segments of one flow share, compared a word at a time: all but lengths,
/// the IPv4 identification, the TCP sequence and checksums. PSH and FIN may differ; CWR must be
/// absent, because it stays on the first segment alone, as segmentation will have it again.
struct HeaderPattern {
  static let push: UInt8 = 0x08
  static let finish: UInt8 = 0x01
  static let reduced: UInt8 = 0x80

  private let headerLength: Int
  private var values = InlineArray<15, UInt64>(repeating: 0)
  private var masks = InlineArray<15, UInt64>(repeating: .max)

  /// - Parameter packet: the first segment, whose headers `layout` describes.
  init(_ packet: RawSpan, _ layout: TransportLayout) {
    headerLength = layout.headerLength
    if layout.isIPv6 {
      ignore(4..<6)
    } else {
      ignore(2..<6)
      ignore(10..<12)
    }
    let transport = layout.transport
    if layout.isTCP {
      ignore(transport + 4..<transport + 8)
      ignore(transport + 16..<transport + 18)
      ignore(transport + 13..<transport + 14, bits: Self.push | Self.finish)
    } else {
      ignore(transport + 4..<transport + 8)
    }
    for index in 0..<wordCount { values[index] = word(index, of: packet) & masks[index] }
    if layout.isTCP {
      let shift = UInt64(7 - (transport + 13) % 8) * 8
      values[(transport + 13) / 8] &= ~(UInt64(Self.reduced) << shift)
    }
  }

  /// Whether `packet`, longer than the headers, has the same ones.
  func matches(_ packet: RawSpan) -> Bool {
    guard packet.byteCount > headerLength else { return false }
    for index in 0..<wordCount where word(index, of: packet) & masks[index] != values[index] {
      return false
    }
    return true
  }

  /// Headers are a multiple of four bytes long.
  private var wordCount: Int { (headerLength + 7) / 8 }

  private func word(_ index: Int, of packet: RawSpan) -> UInt64 {
    if index * 8 + 8 <= headerLength { return packet.bigEndian(UInt64.self, at: index * 8) }
    return UInt64(packet.bigEndian(UInt32.self, at: index * 8)) << 32
  }

  private mutating func ignore(_ range: Range<Int>, bits: UInt8 = .max) {
    for at in range { masks[at / 8] &= ~(UInt64(bits) << (UInt64(7 - at % 8) * 8)) }
  }
}
