import Glibc
import IPv8Crypto
import IPv8Sync
import IPv8Trust
import IPv8Wire
import SyncSimulator

/// Processor time of this thread, in nanoseconds.
func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension LightPopulation {
  /// The scores of some observers on the whole graph, with all parameters as the product has them.
  mutating func measureTrust() {
    let observers = 8
    var ranks: [Int] = []
    for _ in 0..<observers {
      let observer = PeerNumber(random.next() % UInt64(peers))
      var function = MeritRank(observer: observer, seed: random.next())
      let start = nanoseconds()
      function.compute(on: graph)
      report.scoreTime += Double(nanoseconds() - start) / 1e6 / Double(observers)
      let places = function.ranking(on: graph).places
      let fakes = places.filter { hostile.contains($0.peer) }
      let whole = places.reduce(0) { $0 + $1.score }
      report.reached += Double(places.count) / Double(observers)
      report.hostileRows += Double(fakes.count) / Double(max(1, places.count)) / Double(observers)
      report.hostileScore += fakes.reduce(0) { $0 + $1.score } / whole / Double(observers)
      if let place = places.firstIndex(where: { hostile.contains($0.peer) }) {
        ranks.append(place + 1)
      }
    }
    report.bestHostileRank = ranks.min() ?? 0
  }

  /// Questions of random peers that are online for tracked records that they do not keep: three at
  /// each of three steps, the two most trusted neighbours and one by chance.
  mutating func ask() {
    let friends = neighbours()
    let questions = 500
    var (found, frames, asked, open) = (0, 0, 0, 0)
    while asked < questions {
      let asker = Int(random.next() % UInt64(peers))
      let record = Int(random.next() % UInt64(Self.tracked))
      let bit = UInt32(1) << UInt32(record)
      asked += 1
      guard isOnline[asker], keeps[asker] & bit == 0 else { continue }
      var frontier = [asker]
      var met: Set<Int> = [asker]
      var isFound = false
      for _ in 0..<3 where !isFound {
        var next: [Int] = []
        for peer in frontier {
          for other in chosen(of: peer, friends) where !met.contains(other) {
            met.insert(other)
            frames += 1
            if keeps[other] & bit != 0 { isFound = true }
            next.append(other)
          }
        }
        frontier = next
      }
      if isFound { found += 1 }
      open += 1
    }
    report.answered = open == 0 ? 1 : Double(found) / Double(open)
    report.queryFrames = open == 0 ? 0 : Double(frames) / Double(open)
  }

  private func neighbours() -> [[Int32]] {
    var friends = [[Int32]](repeating: [], count: peers)
    for (a, b) in ends {
      friends[Int(a)].append(b)
      friends[Int(b)].append(a)
    }
    return friends
  }

  private mutating func chosen(of peer: Int, _ friends: [[Int32]]) -> [Int] {
    let open = friends[peer].map { Int($0) }.filter { isOnline[$0] }.sorted {
      graph.weight(PeerNumber(peer), PeerNumber($0))
        > graph.weight(PeerNumber(peer), PeerNumber($1))
    }
    guard open.count > 3 else { return open }
    return [open[0], open[1], open[2 + Int(random.next() % UInt64(open.count - 2))]]
  }

  /// Bytes of real sessions between tables of that many records, and what follows for a peer's rate.
  mutating func measureBytes() {
    let kept = min(peers, Int(report.reached))
    let equal = Self.session(records: kept, differences: 0)
    let some = Self.session(records: kept, differences: 20)
    report.equalBytes = equal
    report.bytesPerDifference = (some - equal) / 20
    let sessions = 2 * Double(ends.count) / Double(peers) * Self.up / (Self.up + Self.down)
    report.horizonBytes = rate(kept: Double(kept), sessions: sessions)
    report.fullBytes = rate(kept: Double(peers), sessions: sessions)
  }

  /// Bytes a second sent and received by a peer, halved, as each byte has two ends.
  private func rate(kept: Double, sessions: Double) -> Double {
    let changes = kept / Self.period
    // Each link has a session in two seconds where there is always news, else one for each change.
    let begun = min(changes, 0.5) * sessions
    let differences = changes * max(1, report.transfers)
    return (begun * report.equalBytes + differences * report.bytesPerDifference * 2) / 2
  }

  /// Bytes of both sides of a session about the hot end of tables of `records`, of which the asker
  /// lacks the newest `differences`.
  private static func session(records: Int, differences: Int) -> Double {
    let secret: [UInt8] = Array(repeating: 7, count: 32)
    let salt = SyncSalt(secret: SecretBytes(copying: secret.rawSpan))
    var a = SimulatedPeer(salt: salt, seed: 1, limits: SyncLimits())
    var b = SimulatedPeer(salt: salt, seed: 2, limits: SyncLimits())
    let all = (0..<max(records, differences + 1)).map {
      SimulatedRecord(
        signer: SimulatedRecord.signer(UInt64($0)), slot: 1,
        timestamp: WallTime(
          milliseconds: 1_799_996_400_000 + UInt64($0) * 3_600_000 / UInt64(records)))
    }
    a.fill(Array(all.dropLast(differences)))
    b.fill(all)
    var link = SimulatedLink(a, b, seed: 3)
    link.begin(0, session: 1, floor: RecordName.time(of: WallTime(milliseconds: 1_799_992_000_000)))
    link.run()
    return Double(link.bytes[0] + link.bytes[1])
  }
}
