/// The attribute types that this implementation knows (RFC 8489 §18.3, RFC 5780 §7, RFC 3489
/// §11.2).
enum STUNAttribute {
  static let mappedAddress: UInt16 = 0x0001
  static let changeRequest: UInt16 = 0x0003
  static let sourceAddress: UInt16 = 0x0004
  static let changedAddress: UInt16 = 0x0005
  static let messageIntegrity: UInt16 = 0x0008
  static let errorCode: UInt16 = 0x0009
  static let unknownAttributes: UInt16 = 0x000a
  static let xorMappedAddress: UInt16 = 0x0020
  static let padding: UInt16 = 0x0026
  static let responsePort: UInt16 = 0x0027
  static let software: UInt16 = 0x8022
  static let fingerprint: UInt16 = 0x8028
  static let responseOrigin: UInt16 = 0x802b
  static let otherAddress: UInt16 = 0x802c
  /// Ours, of the range that other servers skip: answer only after so many seconds.
  static let responseDelay: UInt16 = 0xfde8

  /// Unknown types from here on may be skipped; below they may not.
  static let firstOptional: UInt16 = 0x8000
  /// "STUN", which FINGERPRINT's CRC is XORed with.
  static let fingerprintMask: UInt32 = 0x5354_554e

  /// Credentials, which a server without any does not look at: USERNAME, REALM, NONCE,
  /// MESSAGE-INTEGRITY-SHA256, PASSWORD-ALGORITHM, USERHASH.
  static let ignored: Set<UInt16> = [0x0006, 0x0014, 0x0015, 0x001c, 0x001d, 0x001e]

  static let addresses: Set<UInt16> = [
    mappedAddress, xorMappedAddress, responseOrigin, otherAddress, sourceAddress, changedAddress,
  ]

  /// The value of an address attribute: 0 ‖ family(1) ‖ port(2) ‖ address (RFC 8489 §14.1).
  static func endpoint(_ value: [UInt8]) -> Endpoint? {
    let bytes = value.rawSpan
    guard bytes.byteCount >= 8 else { return nil }
    let port = bytes.bigEndian(UInt16.self, at: 2)
    switch (bytes.bigEndian(UInt8.self, at: 1), bytes.byteCount) {
    case (1, 8):
      return Endpoint(.v4(IPv4Address(bytes.bigEndian(UInt32.self, at: 4))), port: port)
    case (2, 20):
      return Endpoint(.v6(IPv6Address(bytes.bigEndian(UInt128.self, at: 4))), port: port)
    default: return nil
    }
  }

  static func value(_ endpoint: Endpoint) -> [UInt8] {
    var value: [UInt8] = [0]
    switch endpoint.address {
    case .v4(let address):
      value.append(1)
      value.append(bigEndian: endpoint.port)
      value.append(bigEndian: address.value)
    case .v6(let address):
      value.append(2)
      value.append(bigEndian: endpoint.port)
      value.append(bigEndian: address.value)
    }
    return value
  }
}

/// CHANGE-REQUEST (RFC 5780 §7.2): answer from elsewhere.
public struct STUNChange: OptionSet, Sendable, Hashable {
  public let rawValue: UInt32
  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let address = STUNChange(rawValue: 4)
  public static let port = STUNChange(rawValue: 2)
}

/// ERROR-CODE (RFC 8489 §14.8).
public struct STUNError: Equatable, Sendable {
  /// 300...699
  public let code: Int
  /// For humans; UTF-8 in well-behaved messages.
  public let reason: [UInt8]
  /// Bytes of a reason.
  public static let reasonLimit = 763

  public static let badRequest = STUNError(code: 400)
  public static let unknownAttribute = STUNError(code: 420)

  /// Traps for a code outside 300...699.
  public init(code: Int, reason: [UInt8] = []) {
    precondition((300...699).contains(code), "a STUN error code")
    self.code = code
    self.reason = [UInt8](reason.prefix(Self.reasonLimit))
  }

  init?(_ value: [UInt8]) {
    guard value.count >= 4, value.count <= 4 + Self.reasonLimit else { return nil }
    let hundreds = Int(value[2] & 7)
    guard (3...6).contains(hundreds), value[3] < 100 else { return nil }
    code = hundreds * 100 + Int(value[3])
    reason = [UInt8](value.dropFirst(4))
  }

  var value: [UInt8] { [0, 0, UInt8(code / 100), UInt8(code % 100)] + reason }
}
