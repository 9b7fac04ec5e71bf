import IPv8Wire

/// What a signature says beside that it signs (RFC 9580 §5.2.3.7). Only what is signed itself
/// counts, but for the signature of a subkey, which proves itself.
struct OpenPGPSubpackets: Equatable {
  /// Types that may be critical: they are understood, or say nothing that matters here.
  private static let understood: Set<UInt8> = [
    2, 3, 4, 7, 9, 11, 16, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 32, 33, 34, 35, 39,
  ]

  /// Seconds since 1970.
  private(set) var created: UInt64 = 0
  /// Seconds from then; nil where it does not expire.
  private(set) var lifetime: UInt64?
  /// Seconds from the key's making; nil where the key does not expire.
  private(set) var keyLifetime: UInt64?
  /// Nil where all uses are allowed.
  private(set) var keyFlags: UInt8?
  /// The body of a signature inside.
  private(set) var embedded: [UInt8]?
  /// It says something that must be understood and is not.
  private(set) var isCritical = false

  /// Nil where they are malformed, or have no time.
  init?(hashed: [UInt8], unhashed: [UInt8]) {
    var hasTime = false
    guard
      Self.walk(
        hashed,
        { type, value in
          if type & 0x7f == 2, value.count == 4 { hasTime = true }
          take(type, value)
        }),
      Self.walk(unhashed, { type, value in if type & 0x7f == 32 { take(32, value) } })
    else { return nil }
    if !hasTime { return nil }
  }

  private mutating func take(_ type: UInt8, _ value: [UInt8]) {
    let number = value.count == 4 ? value.reduce(0) { $0 << 8 | UInt64($1) } : nil
    switch (type & 0x7f, number) {
    case (2, let seconds?): created = seconds
    // Zero stands for never.
    case (3, let seconds?): lifetime = seconds == 0 ? nil : seconds
    case (9, let seconds?): keyLifetime = seconds == 0 ? nil : seconds
    case (2, nil), (3, nil), (9, nil): isCritical = true
    case (27, _): keyFlags = value.first ?? 0
    case (32, _): embedded = embedded ?? value
    case (let known, _): if type & 0x80 != 0, !Self.understood.contains(known) { isCritical = true }
    }
  }

  /// Whether `bytes` are subpackets, each of which `body` gets.
  private static func walk(_ bytes: [UInt8], _ body: (UInt8, [UInt8]) -> Void) -> Bool {
    var reader = ByteReader(bytes.rawSpan)
    while reader.remaining > 0 {
      guard let count = try? length(&reader), count > 0, let value = try? reader.array(count)
      else { return false }
      body(value[0], Array(value.dropFirst()))
    }
    return true
  }

  private static func length(_ reader: inout ByteReader) throws(Truncated) -> Int {
    let first = Int(try reader.integer(UInt8.self))
    switch first {
    case ..<192: return first
    case ..<255: return (first - 192) << 8 + Int(try reader.integer(UInt8.self)) + 192
    default: return Int(try reader.integer(UInt32.self))
    }
  }
}
