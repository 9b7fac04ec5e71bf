import IPv8Wire

/// Which NAT64 leads from a network without IPv4 to IPv4 hosts (RFC 7050; docs/protocol/traversal.md,
/// "NAT64").
///
/// Rules:
/// - where there is a way to IPv4, none is used;
/// - the resolver is asked after each change of the network, and every hour;
/// - while it does not answer, it is asked again after 1 s, ever more rarely up to 10 min, and what is
///   known stands.
///
/// The owner calls ``setNetwork(hasIPv4:hasIPv6:at:)`` after changes, asks the resolver for
/// ``NAT64Prefix/discoveryName`` whenever ``takeQuestion(at:)`` says so, and hands over the answer.
public struct NAT64Search: Sendable {
  public enum Setting: Sendable, Equatable {
    case automatic
    case off
    /// As the user says.
    case fixed(NAT64Prefix)
  }

  /// Between questions that are answered, and between those that are not.
  static let lifetime = Interval.seconds(3_600)
  static let shortestWait = Interval.seconds(1)
  static let longestWait = Interval.seconds(600)

  private let setting: Setting
  /// Under which IPv4 hosts are reached now; nil where IPv4 is, or neither.
  public private(set) var prefix: NAT64Prefix?
  private var isNeeded = false
  private var wait = shortestWait
  /// When the resolver is asked next.
  public private(set) var nextDeadline = Timestamp.distantFuture

  public init(_ setting: Setting) { self.setting = setting }

  /// This host's addresses or routes changed.
  ///
  /// - Parameter hasIPv4: whether packets to the internet have a way by IPv4.
  public mutating func setNetwork(hasIPv4: Bool, hasIPv6: Bool, at now: Timestamp) {
    isNeeded = !hasIPv4 && hasIPv6
    wait = Self.shortestWait
    nextDeadline = .distantFuture
    guard isNeeded, setting != .off else {
      prefix = nil
      return
    }
    if case .fixed(let prefix) = setting { self.prefix = prefix } else { nextDeadline = now }
  }

  /// Whether the resolver is to be asked now; once for each time that it is due.
  public mutating func takeQuestion(at now: Timestamp) -> Bool {
    guard nextDeadline <= now else { return false }
    nextDeadline = .distantFuture
    return true
  }

  /// - Parameter addresses: of ``NAT64Prefix/discoveryName``, maybe none; nil where nothing answered.
  public mutating func answered(_ addresses: [IPv6Address]?, at now: Timestamp) {
    guard isNeeded, setting == .automatic else { return }
    guard let addresses else {
      nextDeadline = min(nextDeadline, now + wait)
      wait = min(wait * 2, Self.longestWait)
      return
    }
    prefix = NAT64Prefix(discovering: addresses)
    nextDeadline = min(nextDeadline, now + Self.lifetime)
    wait = Self.shortestWait
  }
}
