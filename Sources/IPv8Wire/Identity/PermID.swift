/// A peer's permanent identity: an Ed25519 public key (RFC 8032), 32 bytes.
///
/// Ordered bytewise, as the rule for colliding opens needs (protocol: R2). The text form is
/// lower-case unpadded base32, 52 characters.
public struct PermID: Hashable, Sendable, Comparable {
  public static let byteCount = 32
  public static let textLength = 52

  private let high: UInt128
  private let low: UInt128

  /// The first 32 bytes of `span`; nil when it has fewer.
  public init?(_ span: RawSpan) {
    guard span.byteCount >= Self.byteCount else { return nil }
    high = span.bigEndian(UInt128.self, at: 0)
    low = span.bigEndian(UInt128.self, at: 16)
  }

  /// Nil unless `bytes` has exactly 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(bytes.rawSpan)
  }

  /// Nil unless `text` is 52 characters of canonical base32.
  public init?(text: some StringProtocol) {
    guard text.utf8.count == Self.textLength, let bytes = Base32.decode(text) else { return nil }
    self.init(bytes)
  }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteCount)
    bytes.append(bigEndian: high)
    bytes.append(bigEndian: low)
    return bytes
  }

  public static func < (a: PermID, b: PermID) -> Bool { (a.high, a.low) < (b.high, b.low) }
}

extension PermID: CustomStringConvertible {
  public var description: String { Base32.encode(bytes) }
}
