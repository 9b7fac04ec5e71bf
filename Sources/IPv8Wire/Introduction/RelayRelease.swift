/// RELEASE, from an end to its relay or the relay to an end: this tag is no more
/// (docs/protocol/introductions.md).
///
///     tag(4)
public struct RelayRelease: Equatable, Sendable {
  public let tag: RelayTag

  public init(_ tag: RelayTag) { self.tag = tag }

  /// Nil where the bytes are no tag.
  public init?(_ body: RawSpan) {
    guard body.byteCount == 4, let tag = RelayTag(body.bigEndian(UInt32.self, at: 0)) else {
      return nil
    }
    self.tag = tag
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: tag.value)
    return bytes
  }
}
