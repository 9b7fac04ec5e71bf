/// What rate control knows of a path, for the user.
public struct RateReport: Sendable, Equatable {
  public enum State: String, Sendable {
    /// No control: what arrives is sent, at once or at a fixed rate.
    case observe
    case slowStart = "slow-start"
    /// RFC 9406's conservative slow start.
    case conservativeSlowStart = "conservative-slow-start"
    case avoidance
    /// After a loss, until the peer has seen the answer to it.
    case recovery
  }

  public var state: State
  /// cwnd, in bytes.
  public var window: Int
  /// ssthresh, in bytes; nil before the first reduction.
  public var threshold: Int?
  /// Flows that the window stands for.
  public var flows: Int
  /// Whether data waits for its departure.
  public var isBacklogged: Bool
  /// Bytes of data sent and not reported yet.
  public var bytesInFlight: Int
  /// Bytes per second; nil where there is no limit.
  public var pacingRate: Double?
  /// Bytes per second that arrive at the peer.
  public var deliveryRate: Double
  /// Bytes per second: the most that arrived within a round trip lately.
  public var availableRate: Double
  /// Events that the peer signalled; of them those of Congestion Experienced alone; reductions taken
  /// back since nothing was lost; retransmission timeouts.
  public var reductions: UInt64
  public var congestionReductions: UInt64
  public var undone: UInt64
  public var timeouts: UInt64
}
