/// What both ends and the introducer know one introduction by: 64 bits that the caller draws.
public struct IntroductionID: Hashable, Sendable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }
}

/// What an end asks of the introducer.
public struct IntroductionFlags: OptionSet, Sendable, Hashable {
  public let rawValue: UInt8
  public init(rawValue: UInt8) { self.rawValue = rawValue }

  /// Pass sealed datagrams on for the two of us.
  public static let relay = IntroductionFlags(rawValue: 1)
  /// It answers one of the same id.
  public static let answer = IntroductionFlags(rawValue: 2)
}
