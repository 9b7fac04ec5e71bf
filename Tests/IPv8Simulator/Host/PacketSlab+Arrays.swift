import IPv8Wire

extension PacketSlab {
  public mutating func bytes(of range: PacketRange) -> [UInt8] {
    let span = self[range]
    return span.bytes.copyBytes()
  }

  /// `bytes` are as long as `range`.
  public mutating func fill(_ range: PacketRange, with bytes: [UInt8]) {
    var span = self[range]
    span.copy(bytes.rawSpan, to: 0)
  }
}
