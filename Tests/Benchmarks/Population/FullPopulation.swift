import BenchmarkTables
import DirectorySimulator
import IPv8Directory
import IPv8Records
import IPv8Trust
import IPv8Wire
import TrustScenarios

/// Peers that each are a whole ``Directory``, with every frame and signature: friends in a graph with
/// hubs, some attackers with fake peers, liars that sign contradictions, churn and a partition.
struct FullPopulation {
  /// Fake peers of each attacker; one attacker for so many peers; one liar.
  static let fakes = 40
  static let peersPerAttacker = 50
  static let peersPerLiar = 50

  private let peers: Int
  private var network: SimulatedNetwork
  private var random: SeededRandom
  private var links: [(Int, Int)] = []
  private var isOnline: [Bool]
  /// The port that each peer announced last: a change of address.
  private var ports: [UInt16]
  private var attackers: Set<Int> = []
  private var fakeIDs: Set<PermID> = []
  private var report: FullReport

  init(peers: Int, seed: UInt64) {
    self.peers = peers
    random = SeededRandom(seed: seed)
    network = SimulatedNetwork(seed: seed)
    network.keepsStores = false
    network.faults.lost = 10
    isOnline = Array(repeating: true, count: peers)
    ports = Array(repeating: 7_000, count: peers)
    report = FullReport(peers: peers)
    var settings = DirectorySettings()
    settings.ranks.walkCount = 2_000
    settings.ranks.stepLimit = 15
    settings.sketchedPeers = 0
    for number in 0..<peers { network.add(UInt64(number), settings: settings) }
    for edge in HonestGraph.edges(peerCount: peers, links: 2, using: &random)
    where edge.source > edge.target {
      links.append((Int(edge.source), Int(edge.target)))
    }
  }

  mutating func run() -> FullReport {
    coldStart()
    attack()
    churn()
    partition()
    summarise()
    return report
  }

  private var totalBytes: UInt64 { network.bytes.reduce(0, +) }

  /// Of some observers and all peers' records the share that is not the newest; nil ids: not known.
  private func stale(_ observers: [Int]) -> Double {
    var (missing, all) = (0, 0)
    for observer in observers where isOnline[observer] {
      for peer in 0..<peers where peer != observer {
        all += 1
        let binding = network.hosts[observer].binding(of: network.id(peer))
        if binding?.record.endpoint4?.port != ports[peer] { missing += 1 }
      }
    }
    return all == 0 ? 0 : Double(missing) / Double(all)
  }

  private var observers: [Int] {
    (0..<min(peers, 24)).map { $0 * peers / min(peers, 24) }
  }

  /// Seconds until the share of stale records is at most `limit`; nil after `end` seconds.
  private mutating func settle(_ limit: Double, within end: Int64) -> Double? {
    let start = network.now
    while network.now - start < .seconds(end) {
      network.run(for: .milliseconds(500))
      if stale(observers) <= limit {
        return Double((network.now - start).milliseconds) / 1_000
      }
    }
    return nil
  }

  /// All know their friends and nothing else, and connect within ten seconds.
  private mutating func coldStart() {
    for (a, b) in links { network.befriend(a, b) }
    for host in 0..<peers { network.announce(host) }
    var open: [[(Int, Int)]] = Array(repeating: [], count: 100)
    for link in links { open[Int(random.next() % 100)].append(link) }
    for group in open {
      for (a, b) in group { network.connect(a, b) }
      network.run(for: .milliseconds(100))
    }
    report.cold = settle(0, within: 600)
    report.coldBytes = Double(totalBytes) / Double(peers)
    network.run(for: .seconds(60))
    let before = totalBytes
    network.run(for: .seconds(600))
    report.idleBytes = Double(totalBytes - before) / Double(peers) / 600
    changes()
  }

  /// One change at a time: how soon all know it.
  private mutating func changes() {
    let before = totalBytes
    var delays: [Double] = []
    for _ in 0..<10 {
      let host = Int(random.next() % UInt64(peers))
      change(host)
      if let delay = settle(0, within: 60) { delays.append(delay) }
      network.run(for: .seconds(5))
    }
    report.changeBytes = Double(totalBytes - before) / 10 / Double(peers)
    report.change = quantile(delays, 0.5)
    report.slowestChange = delays.max() ?? 0
  }

  private mutating func change(_ host: Int) {
    ports[host] += 1
    network.announce(host, port: ports[host])
  }

  /// Attackers spread fake peers; liars say two things at one time.
  private mutating func attack() {
    for number in 0..<max(1, peers / Self.peersPerAttacker) {
      let host = Int(random.next() % UInt64(peers))
      attackers.insert(host)
      for fake in 0..<Self.fakes {
        let key = SimulatedIdentity.key(UInt64(1_000_000 + number * Self.fakes + fake))
        fakeIDs.insert(key.permID)
        let binding = SimulatedIdentity.binding(key, at: network.moment.wall)
        let praise = SimulatedIdentity.relation(
          network.keys[host], to: key.permID, at: network.moment.wall)
        let thanks = SimulatedIdentity.relation(
          key, to: network.id(host), at: network.moment.wall)
        for bytes in [binding.bytes, praise.bytes, thanks.bytes] {
          network.with(host) { $0.offer(bytes, from: .file, at: $1) }
        }
      }
    }
    for number in 0..<max(1, peers / Self.peersPerLiar) {
      let key = SimulatedIdentity.key(UInt64(2_000_000 + number))
      for strength in 1...2 {
        let host = Int(random.next() % UInt64(peers))
        let relation = SimulatedIdentity.relation(
          key, to: network.id(0), at: network.moment.wall, strength: Int64(strength))
        network.with(host) { $0.offer(relation.bytes, from: .file, at: $1) }
      }
    }
    network.run(for: .seconds(120))
  }

  /// For two minutes each five seconds one peer in twenty leaves, and comes back after 20 s elsewhere.
  private mutating func churn() {
    let before = totalBytes
    var samples: [Double] = []
    var away: [(host: Int, until: Timestamp)] = []
    for _ in 0..<24 {
      for _ in 0..<max(1, peers / 20) {
        let host = Int(random.next() % UInt64(peers))
        guard isOnline[host] else { continue }
        isOnline[host] = false
        for (a, b) in links where a == host || b == host { network.disconnect(a, b) }
        away.append((host, network.now + .seconds(20)))
      }
      for (host, _) in away
      where away.contains(where: { $0.host == host && $0.until <= network.now }) {
        comeBack(host)
      }
      away.removeAll { $0.until <= network.now }
      for _ in 0..<5 {
        network.run(for: .seconds(1))
        samples.append(stale(observers))
      }
    }
    report.churnBytes = Double(totalBytes - before) / Double(peers) / 120
    report.stale = samples.reduce(0, +) / Double(samples.count)
    for (host, _) in away { comeBack(host) }
    report.afterChurn = settle(0, within: 300)
  }

  private mutating func comeBack(_ host: Int) {
    isOnline[host] = true
    change(host)
    for (a, b) in links where a == host || b == host {
      if isOnline[a], isOnline[b] { network.connect(a, b) }
    }
  }

  /// For a minute the halves hear nothing of each other, while one peer in ten changes.
  private mutating func partition() {
    let cut = links.filter { ($0.0 < peers / 2) != ($0.1 < peers / 2) }
    for (a, b) in cut { network.disconnect(a, b) }
    for _ in 0..<max(1, peers / 10) { change(Int(random.next() % UInt64(peers))) }
    network.run(for: .seconds(60))
    report.staleParted = stale(observers)
    for (a, b) in cut { network.connect(a, b) }
    report.healed = settle(0, within: 120)
  }

  private mutating func summarise() {
    var (rows, hostile, best) = (0, 0, 0.0)
    for observer in observers {
      let host = network.hosts[observer]
      rows += host.size.bindings
      hostile += fakeIDs.count { host.binding(of: $0) != nil }
      for fake in fakeIDs { best = max(best, host.score(of: fake)) }
      report.admittedFakes += fakeIDs.count { host.admits($0) }
      report.proofs = min(report.proofs, host.size.contradictions)
    }
    report.fakeRows = Double(hostile) / Double(max(1, rows))
    report.admittedShare =
      Double(report.admittedFakes) / Double(max(1, observers.count * fakeIDs.count))
    report.relations = network.hosts[0].size.relations
    report.verifications =
      network.hosts.reduce(0) { $0 + Double($1.counters.verifications) } / Double(peers)
    report.sessions =
      network.hosts.reduce(0) { $0 + Double($1.counters.sessions) } / Double(peers)
  }
}
