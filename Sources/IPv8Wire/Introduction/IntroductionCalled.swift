/// CALLED, from the introducer to either end: `source` hands you `sealed`
/// (docs/protocol/introductions.md).
///
///     id(8) ‖ flags(1) ‖ source's PermID(32) ‖ tag(4) ‖ bytes a second(4) ‖ sealed introduction(rest)
public struct IntroductionCalled: Equatable, Sendable {
  /// The introducer's offer to relay: datagrams under this tag, so many bytes a second.
  public struct Relay: Equatable, Sendable {
    public let tag: RelayTag
    public let bytesPerSecond: UInt32

    public init(tag: RelayTag, bytesPerSecond: UInt32) {
      self.tag = tag
      self.bytesPerSecond = bytesPerSecond
    }
  }

  public static let headByteCount = 8 + 1 + PermID.byteCount + 4 + 4

  public let id: IntroductionID
  public let flags: IntroductionFlags
  public let source: PermID
  /// Nil, a tag of 0 on the wire: it only introduces.
  public let relay: Relay?
  public let sealed: [UInt8]

  public init(
    id: IntroductionID, flags: IntroductionFlags, source: PermID, relay: Relay?, sealed: [UInt8]
  ) {
    self.id = id
    self.flags = flags
    self.source = source
    self.relay = relay
    self.sealed = sealed
  }

  /// Nil where the bytes are none, or hold more than an introduction can be long.
  public init?(_ body: RawSpan) {
    var reader = ByteReader(body)
    guard let parsed = try? Self.read(&reader) else { return nil }
    self = parsed
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> IntroductionCalled {
    let id = IntroductionID(try reader.integer(UInt64.self))
    let flags = IntroductionFlags(rawValue: try reader.integer(UInt8.self))
    let source = PermID(try reader.array(PermID.byteCount))
    let word = try reader.integer(UInt32.self)
    let rate = try reader.integer(UInt32.self)
    guard let source, word <= RelayTag.mask,
      (1...Introduction.sealedByteLimit).contains(reader.remaining)
    else { throw Truncated() }
    return IntroductionCalled(
      id: id, flags: flags, source: source,
      relay: RelayTag(word).map { Relay(tag: $0, bytesPerSecond: rate) },
      sealed: try reader.array(reader.remaining))
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.headByteCount + sealed.count)
    bytes.append(bigEndian: id.value)
    bytes.append(flags.rawValue)
    bytes += source.bytes
    bytes.append(bigEndian: relay?.tag.value ?? 0)
    bytes.append(bigEndian: relay?.bytesPerSecond ?? 0)
    return bytes + sealed
  }
}
