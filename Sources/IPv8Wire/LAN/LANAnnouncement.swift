/// What a host says of itself to its network (docs/protocol/lan.md). All of it is chance to whoever
/// does not know the sender's PermID, except the sender's clock to ten minutes:
///
///     version(2)=1 ‖ masked port(2) ‖ epoch(4) ‖ tag(8)
public struct LANAnnouncement: Sendable, Equatable {
  public static let byteCount = 16
  public static let version: UInt16 = 1

  /// The P2TP port, as the tag's mask hides it.
  public let maskedPort: UInt16
  /// The sender's Unix time in units of ten minutes.
  public let epoch: UInt32
  public let tag: UInt64

  public init(maskedPort: UInt16, epoch: UInt32, tag: UInt64) {
    self.maskedPort = maskedPort
    self.epoch = epoch
    self.tag = tag
  }

  /// Nil for another version or length.
  public init?(_ datagram: RawSpan) {
    guard datagram.byteCount == Self.byteCount,
      datagram.bigEndian(UInt16.self, at: 0) == Self.version
    else { return nil }
    maskedPort = datagram.bigEndian(UInt16.self, at: 2)
    epoch = datagram.bigEndian(UInt32.self, at: 4)
    tag = datagram.bigEndian(UInt64.self, at: 8)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: Self.version)
    bytes.append(bigEndian: maskedPort)
    bytes.append(bigEndian: epoch)
    bytes.append(bigEndian: tag)
    return bytes
  }
}
