import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Moving": a host that slept.
@Suite("A host that slept for ten minutes while its NAT forgot it")
struct SleepSimulation {
  private static let pairs: [[ReachSide]] = [
    [.open, .open], [.portRestricted, .open], [.symmetric, .open], [.firewall, .portRestricted],
    [.portRestricted, .portRestricted], [.symmetric, .symmetric], [.symmetric, .restricted],
  ]

  /// The hosts after the first one's sleep, in which the second went on sending or did not.
  private func afterSleep(_ pair: [ReachSide], seed: UInt64, isMissed: Bool) -> ReachWorld {
    let world = ReachWorld(pair, seed: seed)
    world.talk(for: .seconds(6))
    world.internet.setHost(world.a, isUp: false)
    for _ in 0..<600 {
      if isMissed { world.send(from: world.b, to: world.a) }
      world.internet.run(for: .seconds(1))
    }
    world.internet.setHost(world.a, isUp: true)
    for host in world.sides { host.host.forgetDelivered() }
    return world
  }

  /// Seconds until a packet of `sender` arrives, of which it sends one every 100 ms; nil for over 10.
  private func secondsToDelivery(_ world: ReachWorld, from sender: NATHost, to other: NATHost)
    -> Double?
  {
    let start = world.internet.now
    while world.internet.now < start + .seconds(10) {
      world.send(from: sender, to: other)
      world.internet.run(for: .milliseconds(100))
      if !other.host.delivered.isEmpty {
        return Double((world.internet.now - start).milliseconds) / 1_000
      }
    }
    return nil
  }

  @Test("reaches its peer within 3 s of waking, and is reached by it", arguments: pairs)
  func wakes(pair: [ReachSide]) {
    for isMissed in [false, true] {
      for speaks in [true, false] {
        for seed in 0..<3 as Range<UInt64> {
          let world = afterSleep(pair, seed: seed, isMissed: isMissed)
          let (sender, other) = speaks ? (world.a, world.b) : (world.b, world.a)
          let seconds = secondsToDelivery(world, from: sender, to: other)
          let how = "\(pair.map(\.name)), missed \(isMissed), speaks \(speaks), seed \(seed)"
          #expect(seconds.map { $0 <= 3 } == true, "\(how): \(String(describing: seconds)) s")
          #expect(world.sides.allSatisfy { $0.host.faults.isEmpty })
        }
      }
    }
  }
}
