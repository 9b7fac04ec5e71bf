import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Mapping lifetime".
@Suite("The mapping's lifetime")
struct MappingLifetimeTests {
  private static let inner = IPAddress.v4(IPv4Address(0xc0a8_010a))

  private static func measure(
    _ behaviour: NATBehaviour, servers: [ServerAgent], loss: Double = 0, seed: UInt64 = 1
  ) -> (lifetimes: MeasuredLifetimes, agent: LifetimeAgent, elapsed: Interval) {
    let internet = NATInternet(seed: seed)
    internet.loss = loss
    for server in servers { internet.addHost(server, at: server.addresses) }
    let realm = internet.addNAT(behaviour, at: .v4(IPv4Address(0x0505_0505)))
    let agent = LifetimeAgent(at: inner, reporters: servers.map(\.endpoints[0]), seed: seed)
    internet.addHost(agent, at: [inner], in: realm)
    let start = internet.now
    internet.run(until: start + .seconds(3_600)) { agent.isDone }
    return (agent.lifetimes, agent, internet.now - start)
  }

  private static func peers(_ count: Int = 3) -> [ServerAgent] {
    (1...count).map { ServerAgent($0, isWhole: false, isPeer: true) }
  }

  /// Whether the bounds hold the truth and are a tenth or 5 s apart.
  private static func holds(_ bounds: LifetimeBounds?, _ truth: Int64) -> Bool {
    guard let bounds, let dead = bounds.dead else { return false }
    return bounds.alive <= truth && truth <= dead && dead - bounds.alive <= max(5, truth / 10)
  }

  @Test("is measured within a tenth or 5 s, both timers, whatever they are")
  func measures() {
    for (number, established) in ([20, 30, 60, 90, 120, 180, 240] as [Int64]).enumerated() {
      for unreplied in [15, 20, 30, 60] as [Int64] {
        for base in [NATBehaviour.portRestrictedCone, .symmetric] {
          var behaviour = base
          behaviour.established = .seconds(established)
          behaviour.unreplied = .seconds(min(unreplied, established))
          let result = Self.measure(behaviour, servers: Self.peers(), seed: UInt64(number))
          let told = result.lifetimes
          #expect(result.agent.isDone)
          #expect(Self.holds(told.established, established), "\(established): \(told)")
          #expect(Self.holds(told.unreplied, min(unreplied, established)), "\(unreplied): \(told)")
          #expect(result.agent.sockets.mostOpen <= 1 + MappingLifetime.socketLimit)
          #expect(result.elapsed < .seconds(1_000))
          #expect(result.agent.sockets.endpoints.count == 1)
        }
      }
    }
  }

  @Test("longer than the longest try is told as such")
  func long() {
    var behaviour = NATBehaviour.portRestrictedCone
    behaviour.established = .seconds(3_600)
    let result = Self.measure(behaviour, servers: Self.peers())
    #expect(result.lifetimes.established == LifetimeBounds(alive: 295, dead: nil))
    #expect(result.lifetimes.keepaliveInterval == .seconds(236))
  }

  @Test("is still measured where a fiftieth of all datagrams is lost")
  func loss() {
    var right = 0
    for seed in 0..<20 as Range<UInt64> {
      let told = Self.measure(.portRestrictedCone, servers: Self.peers(), loss: 0.02, seed: seed)
        .lifetimes
      if Self.holds(told.established, 120) { right += 1 }
      // What was survived is certain: keepalives are never too rare.
      #expect((told.established?.alive ?? 0) <= 120 && (told.unreplied?.alive ?? 0) <= 30)
      #expect(told.keepaliveInterval < .seconds(120))
    }
    #expect(right >= 18)
  }

  @Test("stays unknown where reporters answer at once, or not at all")
  func unsuitable() {
    let strangers = (1...2).map { ServerAgent($0, isWhole: false) }
    let told = Self.measure(.portRestrictedCone, servers: strangers)
    #expect(told.agent.isDone && told.lifetimes == MeasuredLifetimes())
    #expect(told.elapsed < .seconds(60))
    let silent = [ServerAgent(1, isPeer: true) { _ in nil }]
    let none = Self.measure(.portRestrictedCone, servers: silent)
    #expect(none.agent.isDone && none.lifetimes == MeasuredLifetimes())
    #expect(Self.measure(.blocked, servers: Self.peers()).lifetimes == MeasuredLifetimes())
    #expect(Self.measure(.fullCone, servers: []).agent.isDone)
  }

  @Test("needs one good reporter among bad ones")
  func mixed() {
    let servers = [
      ServerAgent(1, isWhole: false), ServerAgent(2, isPeer: true) { _ in nil },
      ServerAgent(3, isWhole: false, isPeer: true),
    ]
    let told = Self.measure(.portRestrictedCone, servers: servers)
    #expect(Self.holds(told.lifetimes.established, 120))
  }

  @Test(
    "gives the keepalive: 4/5 of it, 15 s less than it, at least 15 s, and never too rare",
    arguments: [
      (10, 8), (18, 14), (20, 15), (30, 15), (31, 16), (60, 45), (75, 60), (120, 96), (180, 144),
      (295, 236),
    ] as [(Int64, Int64)])
  func keepalive(alive: Int64, seconds: Int64) {
    let told = MeasuredLifetimes(established: LifetimeBounds(alive: alive, dead: alive + 5))
    #expect(told.keepaliveInterval.milliseconds / 1_000 == seconds)
    #expect(told.keepaliveInterval < .seconds(alive))
  }

  @Test("defaults to a keepalive of 25 s")
  func defaults() {
    #expect(MeasuredLifetimes().keepaliveInterval == .seconds(25))
  }
}

@Suite("The cache of lifetimes")
struct LifetimeCacheTests {
  private static func entry(_ network: Int, at milliseconds: UInt64, alive: Int64 = 60)
    -> LifetimeCache.Entry
  {
    LifetimeCache.Entry(
      network: NetworkIdentity([UInt8(network)]), measured: WallTime(milliseconds: milliseconds),
      lifetimes: MeasuredLifetimes(established: LifetimeBounds(alive: alive, dead: nil)))
  }

  @Test("holds a measurement for seven days, and knows each network by itself")
  func expiry() {
    let week: UInt64 = 7 * 86_400_000
    let cache = LifetimeCache([Self.entry(1, at: 1_000), Self.entry(2, at: 2_000, alive: 30)])
    func alive(_ network: UInt8, _ now: UInt64) -> Int64? {
      cache.lifetimes(of: NetworkIdentity([network]), at: WallTime(milliseconds: now))?
        .established?.alive
    }
    #expect(alive(1, 1_000 + week - 1) == 60 && alive(1, 1_000 + week) == nil)
    #expect(alive(2, 2_000) == 30 && alive(2, 1_999) == nil && alive(3, 2_000) == nil)
  }

  @Test("replaces what it knew, and forgets the oldest beyond its limit")
  func limit() {
    var cache = LifetimeCache()
    for network in (0..<200).shuffled() {
      cache.insert(Self.entry(network, at: UInt64(network)))
      cache.insert(Self.entry(network, at: UInt64(network), alive: 90))
    }
    #expect(cache.entries.count == LifetimeCache.limit)
    #expect(cache.entries.allSatisfy { $0.lifetimes.established?.alive == 90 })
    let now = WallTime(milliseconds: 1_000)
    #expect(cache.lifetimes(of: NetworkIdentity([199]), at: now) != nil)
    #expect(cache.lifetimes(of: NetworkIdentity([0]), at: now) == nil)
  }
}
