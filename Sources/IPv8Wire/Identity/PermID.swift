/// A peer's permanent identity: an Ed25519 public key (RFC 8032), 32 bytes.
///
/// Ordered bytewise, as the rule for colliding opens needs (protocol: R2). The text form is
/// lower-case unpadded base32, 52 characters.
public struct PermID: Hashable, Sendable, Comparable {
  public static let byteCount = 32
  public static let textLength = 52

  /// The first eight bytes in the first word, and so on (``IPv6Address`` says why not UInt128).
  public let words: (UInt64, UInt64, UInt64, UInt64)

  /// The first 32 bytes of `span`; nil when it has fewer.
  public init?(_ span: RawSpan) {
    guard span.byteCount >= Self.byteCount else { return nil }
    words = (
      span.bigEndian(UInt64.self, at: 0), span.bigEndian(UInt64.self, at: 8),
      span.bigEndian(UInt64.self, at: 16), span.bigEndian(UInt64.self, at: 24)
    )
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
    bytes.append(bigEndian: words.0)
    bytes.append(bigEndian: words.1)
    bytes.append(bigEndian: words.2)
    bytes.append(bigEndian: words.3)
    return bytes
  }

  public static func == (a: PermID, b: PermID) -> Bool { a.words == b.words }

  public static func < (a: PermID, b: PermID) -> Bool { a.words < b.words }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(words.0)
    hasher.combine(words.1)
    hasher.combine(words.2)
    hasher.combine(words.3)
  }
}

extension PermID: CustomStringConvertible {
  public var description: String { Base32.encode(bytes) }
}
