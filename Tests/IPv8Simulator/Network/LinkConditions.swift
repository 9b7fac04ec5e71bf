import IPv8Wire

/// What the simulated network does to datagrams.
public struct LinkConditions: Sendable {
  /// One way, before jitter.
  public var delay = Interval.milliseconds(25)
  /// Added uniformly from zero to this; reorders datagrams that are closer together.
  public var jitter = Interval.milliseconds(20)
  /// The probabilities, 0...1, that a datagram is dropped, arrives twice, arrives late.
  public var loss = 0.0
  public var duplication = 0.0
  public var reordering = 0.0
  /// How late a reordered datagram is at most.
  public var lateness = Interval.milliseconds(200)
  /// Arrivals happen at multiples of this, so that a host receives batches; zero for no grid.
  public var grid = Interval.zero

  public init(loss: Double = 0, duplication: Double = 0, reordering: Double = 0) {
    self.loss = loss
    self.duplication = duplication
    self.reordering = reordering
  }

  /// Nothing is lost, doubled or reordered.
  public static let clean: LinkConditions = {
    var conditions = LinkConditions()
    conditions.jitter = .zero
    return conditions
  }()

  /// As clean, and without delay.
  static let immediate: LinkConditions = {
    var conditions = LinkConditions.clean
    conditions.delay = .zero
    return conditions
  }()
}
