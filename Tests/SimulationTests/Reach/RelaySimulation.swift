import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Relays" and "Moving".
@Suite("A relayed pair")
struct RelaySimulation {
  /// The longest time without a packet for `b` while both talk.
  private func gap(_ world: ReachWorld, for time: Interval) -> Interval {
    let end = world.internet.now + time
    var (last, longest, count) = (world.internet.now, Interval.zero, world.b.host.delivered.count)
    while world.internet.now < end {
      world.send(from: world.a, to: world.b)
      world.send(from: world.b, to: world.a)
      for _ in 0..<5 {
        world.internet.run(for: .milliseconds(10))
        guard world.b.host.delivered.count > count else { continue }
        count = world.b.host.delivered.count
        longest = max(longest, world.internet.now - last)
        last = world.internet.now
      }
    }
    return max(longest, end - last)
  }

  private func relay(_ world: ReachWorld) -> NATHost? {
    guard case .relay(let index, _) = world.path(world.a, to: world.b)?.carrier else { return nil }
    return world.introducers.first { world.index($0, at: world.a) == index }
  }

  private func relays(
    _ host: NATHost, to other: NATHost, in world: ReachWorld
  ) -> [PeerIndex] {
    guard let index = world.index(other, at: host) else { return [] }
    return host.host.node.peers[index]?.reach.relays.map(\.relay) ?? []
  }

  @Test("holds a second relay, goes on over it when the first dies, and finds a third")
  func survives() throws {
    for seed in 0..<5 as Range<UInt64> {
      let world = ReachWorld([.symmetric, .symmetric], introducerCount: 3, seed: seed)
      world.talk(for: .seconds(3))
      #expect(relays(world.a, to: world.b, in: world).count == 2)
      #expect(relays(world.b, to: world.a, in: world).count == 2)
      let first = try #require(relay(world))
      world.internet.setHost(first, isUp: false)
      let longest = gap(world, for: .seconds(10))
      #expect(longest <= .seconds(2), "seed \(seed): \(longest.milliseconds) ms")
      #expect(relay(world) !== first)
      let dead = world.index(first, at: world.a)
      let held = relays(world.a, to: world.b, in: world)
      #expect(held.count == 2 && !held.contains { $0 == dead }, "seed \(seed)")
    }
  }

  @Test("is told by a relay that stops, and goes on over the other at once")
  func released() throws {
    let world = ReachWorld([.symmetric, .symmetric], introducerCount: 3, seed: 9)
    world.talk(for: .seconds(3))
    let first = try #require(relay(world))
    world.decide(first) { $0.setRelayPolicy(.off, at: $1, into: &$2) }
    #expect(gap(world, for: .seconds(5)) <= .seconds(1))
    #expect(relay(world) !== first)
  }

  @Test("stays one where an end's NAT forgets everything, or the end moves")
  func oneMoves() {
    let world = ReachWorld([.symmetric, .portRestricted], seed: 4)
    world.talk(for: .seconds(3))
    world.internet[nat: world.realms[0]].forgetAll()
    #expect(gap(world, for: .seconds(10)) <= .seconds(3))
    world.internet[nat: world.realms[1]].forgetAll()
    #expect(gap(world, for: .seconds(10)) <= .seconds(3))
  }

  @Test("is found again within three seconds where both move at once", arguments: 0..<5)
  func bothMove(seed: UInt64) {
    let kinds: [[ReachSide]] = [
      [.portRestricted, .portRestricted], [.symmetric, .symmetric], [.open, .open],
    ]
    for pair in kinds {
      let world = ReachWorld(pair, seed: seed)
      world.talk(for: .seconds(5))
      for number in 0..<2 {
        let outer = IPAddress.v4(IPv4Address(0x0909_0001 + UInt32(number) << 16))
        let inner = IPAddress.v4(IPv4Address(0x0a01_0105 + UInt32(number) << 16))
        let host = world.sides[number]
        if let behaviour = pair[number].behaviour {
          let realm = world.internet.addNAT(behaviour, at: outer)
          host.move(to: inner)
          world.internet.moveHost(host, to: [inner], in: realm)
        } else {
          host.move(to: outer)
          world.internet.moveHost(host, to: [outer], in: .internet)
        }
      }
      for host in world.sides {
        let sent = host.act(at: world.internet.now) { host, moment, network in
          host.challengeAll(at: moment, &network)
        }
        world.internet.send(sent, of: host)
        world.setLocal(host)
      }
      let longest = gap(world, for: .seconds(10))
      #expect(
        longest <= .seconds(3), "seed \(seed), \(pair[0].name): \(longest.milliseconds) ms")
    }
  }
}
