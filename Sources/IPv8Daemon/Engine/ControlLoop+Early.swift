import IPv8Node
import IPv8Wire
import P2TP

extension ControlLoop {
  /// Records kept for sessions that are not open yet, and how long; beyond it the oldest is dropped.
  private static let earlyLimit = 64
  private static let earlyTime = Interval.seconds(1)

  /// Keeps a record of a further strand that came before the first one's opened the session.
  mutating func hold(_ datagram: StrayDatagram, at now: Timestamp) {
    guard case .record(_, let id) = DatagramKind(datagram.bytes.rawSpan), id.strand > 0,
      node.awaits(id)
    else { return }
    if early.count == Self.earlyLimit { early.removeFirst() }
    early.append((id, datagram, now))
  }

  /// Gives the lanes what was kept for a session that is installed now.
  mutating func release(_ session: SessionID, at now: Timestamp) {
    let kept = early
    early.removeAll { $0.id.base == session || now - $0.at > Self.earlyTime }
    for item in kept where item.id.base == session { claim(item.datagram) }
  }

  /// Gives a datagram back to the lane that has its session by now.
  func claim(_ datagram: StrayDatagram) {
    guard case .record(_, let id) = DatagramKind(datagram.bytes.rawSpan) else { return }
    lanes.all[lanes.index(of: id)].receive.post(.claimed(datagram), isDispensable: true)
  }
}
