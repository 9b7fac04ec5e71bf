import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/traversal.md, "Punching": prediction and birthday.
@Suite("A pair of which one side's NAT gives each peer another port")
struct HardNATSimulation {
  /// Seconds until both directions are direct; nil where they are not within 15 s.
  private func secondsToDirect(_ world: ReachWorld) -> Double? {
    let start = world.internet.now
    while world.internet.now < start + .seconds(15) {
      world.talk(for: .milliseconds(100))
      if world.isDirect {
        return Double((world.internet.now - start).milliseconds) / 1_000
      }
    }
    return nil
  }

  private func socketCounts(_ world: ReachWorld) -> [Int] { world.sides.map(\.host.sockets.count) }

  @Test(
    "gets through by trying many ports in nine of ten tries within 15 s, and closes the sockets",
    arguments: [false, true])
  func birthday(isFirewall: Bool) {
    let easy: ReachSide = isFirewall ? .firewall : .portRestricted
    var times: [Double] = []
    for seed in 0..<10 as Range<UInt64> {
      let sides = seed % 2 == 0 ? [.symmetric, easy] : [easy, ReachSide.symmetric]
      let world = ReachWorld(sides, seed: seed)
      let seconds = secondsToDirect(world)
      if let seconds { times.append(seconds) }
      world.talk(for: .seconds(15))
      // Nothing but the one that traffic takes, if it is not the host's own port.
      let counts = socketCounts(world)
      #expect(counts.reduce(0, +) <= 1, "seed \(seed): \(counts)")
    }
    print("many ports, \(easy.name): \(times) s")
    #expect(times.count >= 9)
  }

  @Test("gets through by guessing the next ports where the NAT counts", arguments: [1, 2, -1])
  func prediction(step: Int) {
    for seed in 0..<5 as Range<UInt64> {
      let counting = ReachSide(
        "counting", NATBehaviour(.addressAndPort, .addressAndPort, .sequential(step)),
        .addressAndPortDependent, .addressAndPortDependent)
      let world = ReachWorld([counting, .portRestricted], seed: seed)
      // The newest mapping is the one towards an introducer.
      let ports = world.introducers.compactMap { world.path($0, to: world.a)?.port }
      var report = NetworkReport(counting, local: world.a.host.endpoint)
      report.allocation = .sequential(step: step)
      report.recentPorts = step > 0 ? ports.sorted() : ports.sorted(by: >)
      world.tell(world.a, report)
      world.internet.run(for: .seconds(1))
      let seconds = secondsToDirect(world)
      #expect(seconds.map { $0 < 6 } == true, "seed \(seed): \(String(describing: seconds)) s")
      let index = world.index(world.b, at: world.a)
      let events = index.flatMap { world.a.host.node.peers[$0]?.reach.journal.entries.map(\.event) }
      #expect(events?.contains(.punchFailed(.prediction)) == false)
    }
  }

  @Test("opens no sockets where the other side's NAT does the same, and stays relayed")
  func bothHard() {
    let world = ReachWorld([.symmetric, .symmetric], seed: 3)
    world.talk(for: .seconds(30))
    #expect(!world.isDirect && socketCounts(world) == [0, 0])
  }

  @Test(
    "opens no sockets and guesses no ports where one of the two does not want it",
    arguments: [0, 1])
  func noGuessing(unwilling: Int) {
    let sides: [ReachSide] = [.symmetric, .portRestricted]
    let world = ReachWorld(sides, seed: 5)
    let host = world.sides[unwilling]
    host.host.node.guessesPorts = false
    world.tell(host, NetworkReport(sides[unwilling], local: host.host.endpoint))
    world.talk(for: .seconds(30))
    #expect(!world.isDirect && world.sides.allSatisfy { $0.host.node.nextSocket == 0 })
    for (side, other) in [(world.a, world.b), (world.b, world.a)] {
      let index = world.index(other, at: side)
      let events = index.flatMap { side.host.node.peers[$0]?.reach.journal.entries.map(\.event) }
      #expect(events?.contains(.punchFailed(.simultaneousOpen)) == true)
      #expect(events?.contains(.punchFailed(.birthday)) == false)
    }
  }

  @Test("tries many ports once an hour")
  func budget() {
    // The summaries say that there is a chance, and there is none.
    let deaf = ReachSide(
      "deaf", .symmetric, .endpointIndependent, .addressAndPortDependent)
    let world = ReachWorld([.symmetric, deaf], seed: 3)
    world.talk(for: .seconds(20))
    let opened = world.a.host.node.nextSocket
    #expect(opened > 0 && opened < BirthdayProbe.socketCount)
    world.talk(for: .seconds(600), every: .seconds(1))
    #expect(world.a.host.node.nextSocket == opened)
  }
}
