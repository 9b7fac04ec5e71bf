/// The NAT Port Mapping Protocol (RFC 6886), PCP's forerunner on the same port.
///
///     address request: 00 00                    response: 00 80 result(2) epoch(4) address(4)
///     map request:     00 01 0(2) internal(2) external(2) lifetime(4)
///     map response:    00 81 result(2) epoch(4) internal(2) external(2) lifetime(4)
public enum NATPMPMessage {
  static let mapUDP: UInt8 = 1

  public static let addressRequest: [UInt8] = [0, 0]

  /// - Parameters:
  ///   - suggestedPort: 0 for any.
  ///   - lifetime: seconds; 0 removes the mapping.
  public static func mapRequest(
    internalPort: UInt16, suggestedPort: UInt16, lifetime: UInt32
  ) -> [UInt8] {
    var bytes: [UInt8] = [0, mapUDP, 0, 0]
    bytes.append(bigEndian: internalPort)
    bytes.append(bigEndian: suggestedPort)
    bytes.append(bigEndian: lifetime)
    return bytes
  }

  public enum Response: Sendable, Equatable {
    case address(IPv4Address, epoch: UInt32)
    /// Lifetime and epoch in seconds.
    case mapped(internalPort: UInt16, externalPort: UInt16, lifetime: UInt32, epoch: UInt32)
    case refused(opcode: UInt8, result: UInt16)
  }

  /// Nil where the bytes are no response.
  public static func response(_ datagram: RawSpan) -> Response? {
    var reader = ByteReader(datagram)
    guard let response = try? read(&reader) else { return nil }
    return response
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> Response? {
    guard try reader.integer(UInt8.self) == 0 else { return nil }
    let opcode = try reader.integer(UInt8.self)
    let result = try reader.integer(UInt16.self)
    let epoch = try reader.integer(UInt32.self)
    guard opcode == 0x80 || opcode == 0x80 | mapUDP else { return nil }
    guard result == 0 else { return .refused(opcode: opcode & 0x7f, result: result) }
    if opcode == 0x80 {
      return .address(IPv4Address(try reader.integer(UInt32.self)), epoch: epoch)
    }
    let internalPort = try reader.integer(UInt16.self)
    let externalPort = try reader.integer(UInt16.self)
    return .mapped(
      internalPort: internalPort, externalPort: externalPort,
      lifetime: try reader.integer(UInt32.self), epoch: epoch)
  }
}
