/// The time that an input of the control plane carries: both clocks, read together.
public struct Moment: Sendable, Equatable {
  public let boot: Timestamp
  public let wall: WallTime

  public init(boot: Timestamp, wall: WallTime) {
    self.boot = boot
    self.wall = wall
  }
}
