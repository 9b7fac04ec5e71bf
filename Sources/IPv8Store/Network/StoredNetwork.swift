import IPv8Wire

/// What was measured of a network's NAT. Times are whole seconds.
public struct StoredNetwork: Equatable, Sendable {
  /// A mapping idle for `alive` lived, one idle for `dead` did not.
  public struct Bounds: Equatable, Sendable {
    public let alive: Int64
    public let dead: Int64?

    public init(alive: Int64, dead: Int64?) {
      self.alive = alive
      self.dead = dead
    }
  }

  /// What tells it from other networks.
  public let identity: [UInt8]
  public let measured: WallTime
  public let unreplied: Bounds?
  public let established: Bounds?
  public let absolute: Int64?

  public init(
    identity: [UInt8], measured: WallTime, unreplied: Bounds?, established: Bounds?,
    absolute: Int64?
  ) {
    self.identity = identity
    self.measured = measured
    self.unreplied = unreplied
    self.established = established
    self.absolute = absolute
  }
}
