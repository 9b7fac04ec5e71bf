import IPv8Records
import IPv8Trust
import IPv8Wire

/// Which rows were looked at for bindings that are over.
struct SweepState: Sendable {
  /// Between parts, of which ``parts`` are the whole table.
  static let pause = Interval.seconds(10)
  static let parts = 6

  var due: Timestamp?
  var position = 0
}

extension Directory {
  /// Takes out what expired, part by part: each binding at most a minute late.
  mutating func sweepExpired(at now: Moment) {
    guard let due = sweep.due else {
      sweep.due = now.boot + SweepState.pause
      return
    }
    guard due <= now.boot else { return }
    sweep.due = now.boot + SweepState.pause
    let seconds = now.wall.milliseconds / 1_000
    let end = min(
      table.rows.count, sweep.position + table.rows.count / SweepState.parts + 1)
    for index in sweep.position..<end
    where !table.rows[index].binding.isEmpty && UInt64(table.rows[index].expiry) < seconds {
      let number = PeerNumber(index)
      let peer = table.name(number)
      removeBinding(number)
      store(.removeBinding(peer))
      counters.expired += 1
      if contacts.contains(number) || links[peer] != nil { emit(.changed(peer)) }
      releaseIfUnused(number)
    }
    sweep.position = end >= table.rows.count ? 0 : end
  }
}
