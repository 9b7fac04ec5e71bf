/// REFUSED, from the callee to the introducer and from the introducer to the caller: nothing comes
/// of it (docs/protocol/introductions.md).
///
///     id(8) ‖ reason(1)
public struct IntroductionRefused: Equatable, Sendable {
  public struct Reason: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// The introducer has no open session with such a peer, or the callee does not know the caller.
    public static let unknown = Reason(rawValue: 1)
    /// Too many at a time: later, perhaps.
    public static let busy = Reason(rawValue: 2)
  }

  public let id: IntroductionID
  public let reason: Reason

  public init(id: IntroductionID, reason: Reason) {
    self.id = id
    self.reason = reason
  }

  /// Nil where the bytes are too few or too many.
  public init?(_ body: RawSpan) {
    var reader = ByteReader(body)
    guard body.byteCount == 9, let id = try? reader.integer(UInt64.self),
      let reason = try? reader.integer(UInt8.self)
    else { return nil }
    self.init(id: IntroductionID(id), reason: Reason(rawValue: reason))
  }

  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: id.value)
    return bytes + [reason.rawValue]
  }
}
