import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md.
@Suite("Two peers with a mutual one")
struct IntroductionSimulation {
  private static let pairs: [(ReachSide, ReachSide)] = ReachSide.all.enumerated().flatMap {
    place, a in ReachSide.all[place...].map { (a, $0) }
  }

  /// By way of the introducer there and back: four times 20 ms.
  private static let roundTrip = Interval.milliseconds(80)

  @Test("talk within three round trips, whatever they are behind", arguments: 0..<3)
  func talks(seed: UInt64) {
    for (one, two) in Self.pairs {
      for (first, second) in [(one, two), (two, one)] {
        let world = ReachWorld([first, second], seed: seed)
        let start = world.internet.now
        world.send(from: world.a, to: world.b)
        let isHeard = world.internet.run(until: start + Self.roundTrip * 3) {
          !world.b.host.delivered.isEmpty
        }
        #expect(isHeard, "seed \(seed), \(first.name) to \(second.name)")
      }
    }
  }

  @Test("become direct wherever knocking at the same time can do it, and only there")
  func becomesDirect() {
    for seed in 0..<2 as Range<UInt64> {
      for (a, b) in Self.pairs {
        let methods = PunchMethod.methods(a.summary, b.summary, sequential: false)
        let expected = methods.first == .simultaneousOpen
        let world = ReachWorld([a, b], seed: seed)
        // Before ports are guessed.
        world.talk(for: .milliseconds(2_400))
        #expect(
          world.isDirect == expected,
          "seed \(seed), \(a.name) and \(b.name): \(String(describing: world.path(world.a, to: world.b)))"
        )
      }
    }
  }
}
