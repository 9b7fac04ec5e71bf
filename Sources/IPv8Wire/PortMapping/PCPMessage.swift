/// The Port Control Protocol, version 2 (RFC 6887): MAP of a UDP port, and ANNOUNCE.
///
///     request:  02 opcode(1) 0(2) lifetime(4) client address(16)       ‖ MAP
///     response: 02 80|opcode(1) 0(1) result(1) lifetime(4) epoch(4) 0(12) ‖ MAP
///     MAP:      nonce(12) protocol(1) 0(3) internal port(2) external port(2) external address(16)
public enum PCPMessage {
  public static let port: UInt16 = 5351
  /// Where gateways announce that they lost their state (RFC 6887 §14.1.1).
  public static let announcementPort: UInt16 = 5350
  public static let nonceByteCount = 12
  static let version: UInt8 = 2
  static let headerByteCount = 24
  static let mapByteCount = 36
  static let announce: UInt8 = 0
  static let map: UInt8 = 1
  static let udp: UInt8 = 17

  /// Result codes (RFC 6887 §7.4) that change what a client does.
  public static let success: UInt8 = 0
  public static let unsupportedVersion: UInt8 = 1

  /// The bytes of a MAP request.
  ///
  /// - Parameters:
  ///   - suggested: the outer endpoint to get again if possible; port 0 for any.
  ///   - lifetime: seconds; 0 removes the mapping.
  public static func mapRequest(
    client: IPAddress, nonce: [UInt8], internalPort: UInt16, suggested: Endpoint?,
    lifetime: UInt32
  ) -> [UInt8] {
    precondition(nonce.count == nonceByteCount, "a 12-byte nonce")
    var bytes: [UInt8] = [version, map, 0, 0]
    bytes.append(bigEndian: lifetime)
    bytes.append(bigEndian: client.mapped)
    bytes += nonce
    bytes += [udp, 0, 0, 0]
    bytes.append(bigEndian: internalPort)
    bytes.append(bigEndian: suggested?.port ?? 0)
    // No address in mind: all zeros of the client's family (RFC 6887 §11.1).
    let none: UInt128 =
      switch client {
      case .v4: 0xffff << 32
      case .v6: 0
      }
    bytes.append(bigEndian: suggested?.address.mapped ?? none)
    return bytes
  }

  public enum Response: Sendable, Equatable {
    case mapped(Mapping)
    /// A MAP that was refused: the result code, and for how many seconds it will be.
    case refused(UInt8, nonce: [UInt8]?, seconds: UInt32)
    /// The gateway tells its epoch, after a restart or on request.
    case announced(epoch: UInt32)
  }

  public struct Mapping: Sendable, Equatable {
    public let nonce: [UInt8]
    public let internalPort: UInt16
    public let external: Endpoint
    /// Seconds.
    public let lifetime: UInt32
    /// Seconds since the gateway last lost its state.
    public let epoch: UInt32
  }

  /// Nil where the bytes are no response of version 2 to one of these requests.
  public static func response(_ datagram: RawSpan) -> Response? {
    var reader = ByteReader(datagram)
    guard let response = try? read(&reader) else { return nil }
    return response
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> Response? {
    guard try reader.integer(UInt8.self) == version else { return nil }
    let opcode = try reader.integer(UInt8.self)
    _ = try reader.integer(UInt8.self)
    let result = try reader.integer(UInt8.self)
    let lifetime = try reader.integer(UInt32.self)
    let epoch = try reader.integer(UInt32.self)
    _ = try reader.range(12)
    switch opcode {
    case 0x80 | announce: return result == success ? .announced(epoch: epoch) : nil
    case 0x80 | map: break
    default: return nil
    }
    guard reader.remaining >= mapByteCount else {
      // An error may come without the body (RFC 6887 §8.2).
      return result == success ? nil : .refused(result, nonce: nil, seconds: lifetime)
    }
    let nonce = try reader.array(nonceByteCount)
    guard try reader.integer(UInt8.self) == udp else { return nil }
    _ = try reader.range(3)
    let internalPort = try reader.integer(UInt16.self)
    let port = try reader.integer(UInt16.self)
    let address = IPAddress(mapped: try reader.integer(UInt128.self))
    guard result == success else { return .refused(result, nonce: nonce, seconds: lifetime) }
    return .mapped(
      Mapping(
        nonce: nonce, internalPort: internalPort, external: Endpoint(address, port: port),
        lifetime: lifetime, epoch: epoch))
  }
}

extension IPAddress {
  /// An address of 16 bytes, which ``mapped`` made.
  public init(mapped value: UInt128) {
    self =
      value >> 32 == 0xffff
      ? .v4(IPv4Address(UInt32(truncatingIfNeeded: value))) : .v6(IPv6Address(value))
  }
}
