/// What ties a STUN response to its request (RFC 8489 §5): the magic cookie and a 96-bit id.
///
/// Clients of RFC 3489 have no cookie: all 128 bits are their id.
public struct STUNTransaction: Hashable, Sendable {
  public static let idByteCount = 12
  static let cookie = P2TPHeader.stunCookie

  public let value: UInt128

  init(_ value: UInt128) { self.value = value }

  /// - Parameter id: 12 bytes that nobody can guess; traps for any other count.
  public init(id: [UInt8]) {
    precondition(id.count == Self.idByteCount, "a 96-bit transaction id")
    value = id.reduce(UInt128(Self.cookie)) { $0 << 8 | UInt128($1) }
  }

  /// Of a client that knows RFC 3489 only.
  public var isClassic: Bool { value >> 96 != UInt128(Self.cookie) }

  /// What hides an address from gateways that rewrite what looks like one (RFC 8489 §14.2).
  func obscure(_ endpoint: Endpoint) -> Endpoint {
    let port = endpoint.port ^ UInt16(Self.cookie >> 16)
    switch endpoint.address {
    case .v4(let address):
      return Endpoint(.v4(IPv4Address(address.value ^ Self.cookie)), port: port)
    case .v6(let address):
      return Endpoint(.v6(IPv6Address(address.value ^ value)), port: port)
    }
  }
}
