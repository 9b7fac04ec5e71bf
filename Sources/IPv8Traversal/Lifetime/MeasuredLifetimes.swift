import IPv8Wire

/// How long a network's NAT keeps mappings, and what follows for keepalives.
public struct MeasuredLifetimes: Sendable, Equatable {
  /// Between keepalives where nothing was measured: below every timer in common use.
  public static let defaultKeepalive = Interval.seconds(25)
  /// Keepalives are not sent more often, unless the mapping needs it.
  static let keepaliveFloor = Interval.seconds(15)

  /// After one packet out and none back.
  public var unreplied: LifetimeBounds?
  /// After packets in both directions.
  public var established: LifetimeBounds?
  /// From a mapping's first packet to its end, however busy it is; nil where none was seen.
  public var absolute: Interval?

  public init(
    unreplied: LifetimeBounds? = nil, established: LifetimeBounds? = nil, absolute: Interval? = nil
  ) {
    self.unreplied = unreplied
    self.established = established
    self.absolute = absolute
  }

  /// How often an idle session must send: the lesser of 4/5 of the lifetime and the lifetime less
  /// 15 s, but not more often than every 15 s as long as 4/5 of the lifetime allow that.
  public var keepaliveInterval: Interval {
    guard let established else { return Self.defaultKeepalive }
    let lifetime = Interval.seconds(established.alive)
    let most = lifetime * 4 / 5
    return min(max(min(most, lifetime + .seconds(-15)), Self.keepaliveFloor), most)
  }
}

/// A network as the shell tells it from others: the gateway's hardware address and the name of the
/// wireless network, or a digest of them.
public struct NetworkIdentity: Sendable, Hashable {
  public let bytes: [UInt8]
  public init(_ bytes: [UInt8]) { self.bytes = bytes }
}

/// Measured lifetimes of the networks that this host was in.
public struct LifetimeCache: Sendable, Equatable {
  /// Networks; beyond, the one measured longest ago goes.
  public static let limit = 64
  /// Milliseconds that a measurement stands: 7 days.
  static let shelfLife: UInt64 = 7 * 86_400_000

  public struct Entry: Sendable, Equatable {
    public let network: NetworkIdentity
    public let measured: WallTime
    public let lifetimes: MeasuredLifetimes

    public init(network: NetworkIdentity, measured: WallTime, lifetimes: MeasuredLifetimes) {
      self.network = network
      self.measured = measured
      self.lifetimes = lifetimes
    }
  }

  /// The oldest measurement first.
  public private(set) var entries: [Entry] = []

  public init(_ entries: [Entry] = []) {
    for entry in entries { insert(entry) }
  }

  public mutating func insert(_ entry: Entry) {
    entries.removeAll { $0.network == entry.network }
    let place = entries.firstIndex { $0.measured > entry.measured } ?? entries.count
    entries.insert(entry, at: place)
    if entries.count > Self.limit { entries.removeFirst() }
  }

  /// What was measured in `network`, unless that is too long ago, or in the future.
  public func lifetimes(of network: NetworkIdentity, at now: WallTime) -> MeasuredLifetimes? {
    guard let entry = entries.last(where: { $0.network == network }), entry.measured <= now,
      now.milliseconds - entry.measured.milliseconds < Self.shelfLife
    else { return nil }
    return entry.lifetimes
  }
}
