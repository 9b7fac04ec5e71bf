import IPv8Crypto
import IPv8Traversal
import IPv8Wire
import P2TP

/// Getting through where one side's endpoint depends on who it speaks to (docs/protocol/traversal.md,
/// "Punching": prediction and birthday).
///
/// Rules:
/// - the hard side opens sockets towards the other's one endpoint; the other tries ports;
/// - one peer at a time, because of the sockets;
/// - birthday probing is budgeted by ``PunchBudget``;
/// - nothing of it is done with a peer of which either side's user does not want it.
extension Node {
  /// What both sides do after `punch` failed; nil for nothing.
  mutating func attempt(
    after punch: PunchAttempt, with index: PeerIndex, at now: Moment
  ) -> PunchAttempt? {
    guard let reach = peers[index]?.reach, reach.nat.isHard != ownNAT.isHard else { return nil }
    let count = ownNAT.isHard ? ownPortCount : reach.portCount
    let methods = PunchMethod.methods(ownNAT, reach.nat, sequential: count != nil)
    let done = methods.firstIndex(of: punch.method).map { $0 + 1 } ?? 0
    guard done < methods.count, let target = target(of: reach), !isTryingPorts else { return nil }
    switch methods[done] {
    case .simultaneousOpen, .relay: return nil
    case .prediction:
      guard let count else { return nil }
      let knocks =
        ownNAT.isHard
        ? PortPrediction.counting(at: target.endpoint)
        : PortPrediction.guessing(
          at: target.endpoint.address, last: count.last, step: count.step)
      return PunchAttempt(.prediction, knocks, at: [target], start: punch.end)
    case .birthday:
      guard let permID = peers[index]?.contact.permID,
        budget.take(permID, at: now.boot)
      else { return nil }
      var shuffle = reach.shuffle ?? PortShuffle(seed: host.entropy.next())
      let knocks =
        ownNAT.isHard
        ? BirthdayProbe.hard(at: target.endpoint)
        : BirthdayProbe.easy(at: target.endpoint.address, &shuffle)
      peers[index]?.reach.shuffle = shuffle
      return PunchAttempt(.birthday, knocks, at: [target], start: punch.end)
    }
  }

  private var isTryingPorts: Bool {
    peers.values.contains {
      $0.reach.punch.map { $0.method == .prediction || $0.method == .birthday } ?? false
    }
  }

  /// The outer address of the other side, of IPv4, where such NATs are.
  private func target(of reach: Reach) -> Candidate? {
    let isOuter = { (candidate: Candidate) in
      candidate.kind != .lan && candidate.endpoint.address.family == .v4
    }
    return reach.places.filter(isOuter).max { $0.kind.rawValue < $1.kind.rawValue }
  }

  /// How our NAT counts its ports; nil where it does not.
  var ownPortCount: PortCount? {
    let report = network.report(.v4)
    guard case .sequential(let step) = report?.allocation, let last = report?.recentPorts.last
    else { return nil }
    return PortCount(last: last, step: step)
  }
}

/// How a NAT counts: the newest port that was seen, and the step to the next, not 0.
struct PortCount: Sendable, Equatable {
  let last: UInt16
  let step: Int

  init?(last: UInt16, step: Int) {
    guard step != 0, (Int(Int8.min)...Int(Int8.max)).contains(step), last != 0 else { return nil }
    self.last = last
    self.step = step
  }
}
