import BenchmarkTables
import IPv8Sync
import IPv8Trust
import IPv8Wire
import SyncSimulator
import TrustScenarios

/// A population of which each peer is the versions that it has of some tracked records, as far as it
/// keeps them (docs/benchmarks/population.md says what is left out). Trust, who keeps what and
/// the bytes of sessions are computed by the product's own parts.
struct LightPopulation {
  /// Tracked records, and milliseconds of a step: two round trips.
  static let tracked = 32
  static let slot = 200
  /// Slots between sessions of a link where there is always news, and between changes.
  static let pace = 10
  static let changePeriod = 300
  /// Rows for peers without a score that each peer has: the default capacity's twentieth.
  static let strangerRows = 2_500
  /// One peer in so many keeps everything; sessions of a peer at most.
  static let peersPerFullNode = 100
  static let sessionLimit: UInt8 = 32
  /// Seconds that a peer is there and away, and between its changes.
  static let (up, down, period) = (1_800.0, 600.0, 3_600.0)
  static let bindingBytes = 160.0

  let peers: Int
  var random: SeededRandom
  var graph: RelationGraph
  let hostile: Range<PeerNumber>
  /// Both ends of each link, and for each peer where its links are.
  var ends: [(Int32, Int32)] = []
  var versions: [UInt8]
  /// Bits of the records that a peer keeps, and of those that it trusts or, as a full node, keeps anyway.
  var keeps: [UInt32]
  var wants: [UInt32]
  var fullNodes: [Int32] = []
  var isOnline: [Bool]
  var signers: [Int] = []
  var newest = [UInt8](repeating: 0, count: tracked)
  var report: LightReport
  private var holders = [Int](repeating: 0, count: tracked)
  private var goals = [Int](repeating: 0, count: tracked)
  private var changedAt = [Int](repeating: 0, count: tracked)
  private var halves: [Double] = []
  private var mosts: [Double] = []
  private var isMeasured = [Bool](repeating: false, count: tracked)
  private var isHalfMeasured = [Bool](repeating: false, count: tracked)
  private var pending: [(peer: Int32, record: UInt8, version: UInt8)] = []
  private(set) var copies = 0
  private(set) var changeCopies = 0

  /// - Parameter hasFullNodes: one peer in a hundred keeps everything, has sessions with eight others of
  ///   its kind, and with each other peer one of them has.
  init(peers: Int, hasFullNodes: Bool, seed: UInt64) {
    self.peers = peers
    random = SeededRandom(seed: seed)
    report = LightReport(peers: peers, hasFullNodes: hasFullNodes)
    var edges = HonestGraph.edges(peerCount: peers, links: 4, using: &random)
    var degrees = [UInt8](repeating: 0, count: peers)
    for edge in edges where edge.source > edge.target {
      let (a, b) = (Int(edge.source), Int(edge.target))
      guard degrees[a] < Self.sessionLimit, degrees[b] < Self.sessionLimit else { continue }
      degrees[a] += 1
      degrees[b] += 1
      ends.append((edge.source, edge.target))
    }
    if hasFullNodes {
      for _ in 0..<max(4, peers / Self.peersPerFullNode) {
        fullNodes.append(Int32(random.next() % UInt64(peers)))
      }
      for peer in fullNodes {
        for _ in 0..<4 {
          ends.append((peer, fullNodes[Int(random.next() % UInt64(fullNodes.count))]))
        }
      }
      for peer in 0..<Int32(peers) {
        ends.append((peer, fullNodes[Int(random.next() % UInt64(fullNodes.count))]))
      }
      ends.removeAll { $0.0 == $0.1 }
    }
    // One attacker for a thousand peers, each with three honest edges and a hundred fake peers.
    let attackers = max(1, peers / 1_000)
    let fakes = attackers * 100
    for attacker in 0..<attackers {
      let number = PeerNumber(peers + attacker)
      for _ in 0..<3 {
        let victim = PeerNumber(random.next() % UInt64(peers))
        edges.append(Edge(victim, number, weight: 550))
      }
      for fake in 0..<100 {
        let other = PeerNumber(peers + attackers + attacker * 100 + fake)
        edges.append(Edge(number, other, weight: 1_000))
        edges.append(Edge(other, number, weight: 1_000))
      }
    }
    hostile = PeerNumber(peers)..<PeerNumber(peers + attackers + fakes)
    graph = RelationGraph(peerCount: peers + attackers + fakes, edges: edges)
    versions = Array(repeating: 0, count: peers * Self.tracked)
    keeps = Array(repeating: 0, count: peers)
    wants = keeps
    isOnline = Array(repeating: true, count: peers)
  }

  mutating func run() -> LightReport {
    let start = nanoseconds()
    report.links = ends.count
    measureTrust()
    chooseSigners()
    for peer in 0..<peers { isOnline[peer] = random.unit() < Self.up / (Self.up + Self.down) }
    for signer in signers { isOnline[signer] = true }
    report.isLoaded = Double(peers) / Self.period > 0.5
    // Calm, then 30 s of a partition with changes on both sides, then healed.
    simulate(slots: 2 * Self.changePeriod, isParted: false)
    report.half = quantile(halves, 0.5)
    report.most = quantile(mosts, 0.5)
    report.slowest = mosts.max() ?? 0
    report.transfers = Double(changeCopies) / Double(max(1, copies))
    report.covered = 1 - stale()
    report.stale = report.half / Self.period
    ask()
    part()
    measureBytes()
    report.seconds = Double(nanoseconds() - start) / 1e9
    return report
  }

  private mutating func part() {
    let before = 1 - report.covered
    simulate(slots: 150, isParted: true, changesAt: 10)
    report.staleParted = stale()
    var slots = 0
    while slots < 1_500 {
      simulate(slots: Self.pace, isParted: false, changesAt: -1)
      slots += Self.pace
      if stale() <= before + 0.01 { break }
    }
    report.healed = Double(slots * Self.slot) / 1_000
  }

  /// Honest peers, and who keeps their records.
  private mutating func chooseSigners() {
    var totals = [UInt64](repeating: 0, count: graph.peerCount)
    for peer in totals.indices {
      totals[peer] = graph.edges(from: PeerNumber(peer)).reduce(0) { $0 + UInt64($1.weight) }
    }
    for record in 0..<Self.tracked {
      let signer = Int(random.next() % UInt64(peers))
      signers.append(signer)
      let keepers = Horizon.keepers(of: PeerNumber(signer), on: graph, totals: totals)
        .filter { $0 < peers }
      for peer in keepers + [signer] { wants[peer] |= 1 << UInt32(record) }
    }
    for peer in fullNodes { wants[Int(peer)] = .max }
    let unknown = max(1, Double(peers) - report.reached)
    let chance = min(1, Double(Self.strangerRows) / unknown)
    keeps = wants
    for peer in 0..<peers {
      for record in 0..<Self.tracked where random.unit() < chance {
        keeps[peer] |= 1 << UInt32(record)
      }
    }
    for bit in 0..<Self.tracked {
      let kept = wants.count { $0 >> UInt32(bit) & 1 != 0 }
      report.keepers += Double(kept) / Double(Self.tracked)
    }
  }

  /// Changes are at the beginning of each period, or `changesAt`; none where that is negative.
  private mutating func simulate(slots: Int, isParted: Bool, changesAt: Int? = nil) {
    for slot in 0..<slots {
      for record in 0..<Self.tracked {
        let time = changesAt ?? record * Self.changePeriod / Self.tracked / 4
        if slot % Self.changePeriod == time { change(record, at: slot) }
      }
      churn()
      apply(at: slot)
      // With news all the time each link has its turn; else all that may have some.
      let phases = report.isLoaded ? Self.pace : 1
      var link = report.isLoaded ? slot % phases : 0
      while link < ends.count {
        meet(link, isParted)
        link += phases
      }
    }
  }

  private mutating func change(_ record: Int, at slot: Int) {
    newest[record] &+= 1
    let bit = UInt32(1) << UInt32(record)
    versions[signers[record] * Self.tracked + record] = newest[record]
    holders[record] = 1
    goals[record] = (0..<peers).count { isOnline[$0] && wants[$0] & bit != 0 }
    changedAt[record] = slot
    isMeasured[record] = false
    isHalfMeasured[record] = false
    copies += goals[record]
  }

  private mutating func churn() {
    let mean = Double(peers) * Double(Self.slot) / 1_000 / (Self.up + Self.down)
    var count = Int(mean)
    if random.unit() < mean - Double(count) { count += 1 }
    for _ in 0..<2 * count {
      let peer = Int(random.next() % UInt64(peers))
      guard !signers.contains(peer) else { continue }
      let isLeaving = random.unit() < Self.down / (Self.up + Self.down)
      isOnline[peer] = !isLeaving
    }
  }

  /// What sessions of the slot before brought.
  private mutating func apply(at slot: Int) {
    for (peer, record, version) in pending {
      let place = Int(peer) * Self.tracked + Int(record)
      let isWanted = wants[Int(peer)] >> UInt32(record) & 1 != 0
      if isWanted { changeCopies += 1 }
      guard Int8(bitPattern: version &- versions[place]) > 0 else { continue }
      versions[place] = version
      guard isWanted, version == newest[Int(record)] else { continue }
      holders[Int(record)] += 1
      note(Int(record), at: slot)
    }
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func note(_ record: Int, at slot: Int) {
    let delay = Double((slot - changedAt[record]) * Self.slot) / 1_000
    if !isHalfMeasured[record], holders[record] * 2 >= goals[record] {
      isHalfMeasured[record] = true
      halves.append(delay)
    }
    if !isMeasured[record], holders[record] * 10 >= goals[record] * 9 {
      isMeasured[record] = true
      mosts.append(delay)
    }
  }

  private mutating func meet(_ link: Int, _ isParted: Bool) {
    let (a, b) = ends[link]
    guard isOnline[Int(a)], isOnline[Int(b)] else { return }
    if isParted, (Int(a) < peers / 2) != (Int(b) < peers / 2) { return }
    let common = keeps[Int(a)] | keeps[Int(b)]
    guard common != 0 else { return }
    let (first, second) = (Int(a) * Self.tracked, Int(b) * Self.tracked)
    for record in 0..<Self.tracked where common >> UInt32(record) & 1 != 0 {
      let (mine, other) = (versions[first + record], versions[second + record])
      guard mine != other else { continue }
      let isBehind = Int8(bitPattern: other &- mine) > 0
      let taker = isBehind ? a : b
      guard keeps[Int(taker)] >> UInt32(record) & 1 != 0 else { continue }
      pending.append((taker, UInt8(record), isBehind ? other : mine))
    }
  }

  /// Of records kept by peers that are online the share that is not the newest.
  private func stale() -> Double {
    var (old, all) = (0, 0)
    for peer in 0..<peers where isOnline[peer] && wants[peer] != 0 {
      for record in 0..<Self.tracked where wants[peer] >> UInt32(record) & 1 != 0 {
        all += 1
        if versions[peer * Self.tracked + record] != newest[record] { old += 1 }
      }
    }
    return Double(old) / Double(max(1, all))
  }
}

extension SeededRandom {
  /// 0 to 1.
  mutating func unit() -> Double { Double(next() >> 11) / Double(UInt64(1) << 53) }
}
