/// The ciphers a session may use; the raw value is the bit in the handshake's offer (protocol §2.4).
public enum AEADSuite: UInt8, Sendable, CaseIterable {
  case chaCha20Poly1305 = 0
  case aes256GCM = 1

  public static let keyByteCount = 32
  public static let tagByteCount = 16

  /// Records after which a key must be replaced (protocol §2.4; RFC 9001 §6.6).
  public var rekeyAfterRecords: UInt64 {
    switch self {
    case .chaCha20Poly1305: 1 << 60
    case .aes256GCM: 1 << 27
    }
  }

  /// Records after which a key seals nothing more.
  public var sealLimit: UInt64 {
    switch self {
    case .chaCha20Poly1305: 1 << 61
    case .aes256GCM: 1 << 28
    }
  }

  /// Forged records after which a session closes (RFC 9001 §6.6).
  public var forgeryLimit: UInt64 {
    switch self {
    case .chaCha20Poly1305: 1 << 36
    case .aes256GCM: 1 << 52
    }
  }
}

/// A set of suites as the handshake carries it: bit n = suite n.
public struct AEADOffer: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  public static let chaCha20Poly1305 = AEADOffer(rawValue: 1)
  public static let aes256GCM = AEADOffer(rawValue: 2)

  /// What this machine does well: ChaCha20-Poly1305 always, AES-256-GCM with the CPU's instructions.
  public static var local: AEADOffer {
    AEADBackend.forAES256GCM == nil ? .chaCha20Poly1305 : [.chaCha20Poly1305, .aes256GCM]
  }

  /// The suite of a session between two offers: AES-256-GCM where both have it; nil where nothing
  /// is in common.
  public func chosen(with other: AEADOffer) -> AEADSuite? {
    let common = intersection(other)
    if common.contains(.aes256GCM) { return .aes256GCM }
    return common.contains(.chaCha20Poly1305) ? .chaCha20Poly1305 : nil
  }
}

/// Who computes a suite on this machine; shown in `status`.
public enum AEADBackend: String, Sendable {
  case sodium = "libsodium"
  case ipsecMB = "libipsec-mb"
}
