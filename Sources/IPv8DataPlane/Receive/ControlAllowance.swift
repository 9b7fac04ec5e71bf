import IPv8Wire
import P2TP

/// How many control frames of a peer go to the node: each wakes other threads and makes them think, so
/// that what nobody needs must end here.
///
/// A peer that synchronises as fast as it may says 64 KiB/s and that at once (docs/protocol/sync.md).
/// Whoever says more than twice as much is not heard; a frame that got lost comes again.
struct ControlAllowance: Sendable {
  /// A short frame costs as much as one of so many bytes.
  static let leastCost = 256
  /// A stranger's frames cost so many times as much.
  static let strangersCost: Int64 = 2

  /// Bytes a second, and at once.
  static let peer = ControlAllowance(rate: 128 << 10, burst: 256 << 10)
  static let strangers = ControlAllowance(rate: 512 << 10, burst: 1024 << 10)

  private var bucket: TokenBucket

  private init(rate: Int64, burst: Int64) { bucket = TokenBucket(rate: rate, burst: burst) }

  mutating func take(_ byteCount: Int, times: Int64 = 1, at now: Timestamp) -> Bool {
    bucket.take(times * Int64(max(byteCount, Self.leastCost)), at: now)
  }
}

extension Receiver {
  /// Whether the node is to hear a control frame with a body of `byteCount` bytes. Counts it where not.
  mutating func hears(_ byteCount: Int, of index: PeerIndex, at now: Timestamp) -> Bool {
    let isHeard: Bool
    if peers[index]?.isStranger == true {
      isHeard =
        peers[index]?.control.take(byteCount, times: ControlAllowance.strangersCost, at: now)
        == true && strangers.take(byteCount, at: now)
    } else {
      isHeard = peers[index]?.control.take(byteCount, at: now) == true
    }
    if !isHeard { counters.control += 1 }
    return isHeard
  }
}
