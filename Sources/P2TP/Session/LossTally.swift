import IPv8Wire

/// What became of records that crossed in one direction.
public struct RecordCount: Sendable, Equatable {
  public var arrived: UInt64
  public var lost: UInt64

  public init(arrived: UInt64 = 0, lost: UInt64 = 0) {
    self.arrived = arrived
    self.lost = lost
  }
}

/// The cumulative counts of one direction, taken apart into what each report adds (protocol §2.5).
struct LossTally: Sendable {
  private var arrived: UInt32 = 0
  private var lost: UInt32 = 0
  private var told: UInt64 = 0

  /// What `report` adds to the ones before it; nothing where it is older than one of them.
  ///
  /// - Parameter sent: records so far, of which no more can have become anything.
  mutating func advance(to report: Feedback, sent: UInt64) -> RecordCount {
    // The counts are modulo 2^32, and reports may overtake each other.
    let more = report.received &- arrived
    let moreLost = report.lost &- lost
    guard more < 1 << 31, moreLost < 1 << 31 else { return RecordCount() }
    (arrived, lost) = (report.received, report.lost)
    let arrivals = min(UInt64(more), sent - min(told, sent))
    told += arrivals
    let losses = min(UInt64(moreLost), sent - min(told, sent))
    told += losses
    return RecordCount(arrived: arrivals, lost: losses)
  }
}

extension OutboundSession {
  /// What became of records, ours and the peer's, since the last call: of ours as the peer told.
  public mutating func takeRecordCounts() -> (toPeer: RecordCount, fromPeer: RecordCount) {
    let toPeer = peerFeedback.map { tallies.toPeer.advance(to: $0, sent: counter) }
    return (toPeer ?? RecordCount(), tallies.fromPeer.advance(to: feedback, sent: .max))
  }
}
