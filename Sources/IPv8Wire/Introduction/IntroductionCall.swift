/// CALL, from either end to the introducer: hand `sealed` to `destination`
/// (docs/protocol/introductions.md).
///
///     id(8) ‖ flags(1) ‖ destination's overlay address(16) ‖ sealed introduction(rest)
public struct IntroductionCall: Equatable, Sendable {
  public static let headByteCount = 8 + 1 + 16

  public let id: IntroductionID
  public let flags: IntroductionFlags
  public let destination: OverlayAddress
  /// For the destination's eyes only.
  public let sealed: [UInt8]

  public init(
    id: IntroductionID, flags: IntroductionFlags, destination: OverlayAddress, sealed: [UInt8]
  ) {
    self.id = id
    self.flags = flags
    self.destination = destination
    self.sealed = sealed
  }

  /// Nil where the bytes are none, or hold more than an introduction can be long.
  public init?(_ body: RawSpan) {
    var reader = ByteReader(body)
    guard let parsed = try? Self.read(&reader) else { return nil }
    self = parsed
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> IntroductionCall {
    let id = IntroductionID(try reader.integer(UInt64.self))
    let flags = IntroductionFlags(rawValue: try reader.integer(UInt8.self))
    let address = IPv6Address(try reader.integer(UInt128.self))
    guard let destination = OverlayAddress(address),
      (1...Introduction.sealedByteLimit).contains(reader.remaining)
    else { throw Truncated() }
    return IntroductionCall(
      id: id, flags: flags, destination: destination, sealed: try reader.array(reader.remaining))
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headByteCount + sealed.count)
    bytes.append(bigEndian: id.value)
    bytes.append(flags.rawValue)
    bytes.append(bigEndian: destination.value)
    return bytes + sealed
  }
}
