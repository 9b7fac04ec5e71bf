import IPv8Wire
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Relays".
@Suite("The pairs of a relay")
struct RelayPairsTests {
  private let now = Timestamp(nanoseconds: 1_000_000_000)

  @Test("have tags of 30 bits, none 0 and none twice, though the source of chance repeats itself")
  func tags() {
    var pairs = RelayPairs()
    var random = SeededRandom(seed: 1)
    var last: UInt64 = 0
    var drawn = 0
    func draw() -> UInt64 {
      drawn += 1
      if drawn % 3 != 0 { last = drawn % 2 == 0 ? 0 : random.next() }
      return last
    }
    var tags: Set<RelayTag> = []
    for number in 0..<500 {
      let pair = pairs.renew(PeerIndex(number), PeerIndex(number + 1_000), at: now, draw: draw)
      if let pair { tags.formUnion([pair.first.tag, pair.second.tag]) }
    }
    #expect(tags.count == 1_000)
  }

  @Test("stay the same pair when asked for again by either end")
  func renews() throws {
    var pairs = RelayPairs()
    var random = SeededRandom(seed: 2)
    let made = pairs.renew(PeerIndex(1), PeerIndex(2), at: now) { random.next() }
    let first = try #require(made)
    let later = now + .seconds(9)
    let renewed = pairs.renew(PeerIndex(2), PeerIndex(1), at: later) { random.next() }
    let again = try #require(renewed)
    #expect(again.first == first.first && again.renewedAt == later && pairs.count == 1)
    #expect(pairs.expire(at: now + RelayPairs.lifetime).isEmpty)
    #expect(pairs.expire(at: later + RelayPairs.lifetime).count == 1 && pairs.count == 0)
  }

  @Test("are limited for each peer and in all")
  func limits() {
    var pairs = RelayPairs()
    var random = SeededRandom(seed: 3)
    for number in 0..<200 {
      _ = pairs.renew(PeerIndex(0), PeerIndex(number + 1), at: now) { random.next() }
    }
    #expect(pairs.count == RelayPairs.peerLimit)
    for number in 0..<3_000 {
      let ends = (PeerIndex(1_000 + number), PeerIndex(9_000 + number))
      _ = pairs.renew(ends.0, ends.1, at: now) { random.next() }
    }
    #expect(pairs.count == RelayPairs.limit)
    let held = pairs.removeAll(of: PeerIndex(0))
    #expect(held.count == RelayPairs.peerLimit)
    #expect(pairs.renew(PeerIndex(0), PeerIndex(1), at: now) { random.next() } != nil)
  }

  @Test("are released by their own ends alone")
  func releases() throws {
    var pairs = RelayPairs()
    var random = SeededRandom(seed: 4)
    let made = pairs.renew(PeerIndex(1), PeerIndex(2), at: now) { random.next() }
    let pair = try #require(made)
    #expect(pairs.release(pair.first.tag, by: PeerIndex(2)) == nil)
    #expect(pairs.release(pair.first.tag, by: PeerIndex(3)) == nil)
    #expect(pairs.release(pair.first.tag, by: PeerIndex(1)) != nil && pairs.count == 0)
  }

  @Test("have no links before both ends agreed and are somewhere")
  func links() throws {
    var pairs = RelayPairs()
    var random = SeededRandom(seed: 5)
    let (a, b) = (PeerIndex(1), PeerIndex(2))
    let home = Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 1)
    let away = Endpoint(.v4(IPv4Address(0xcb00_7102)), port: 2)
    let made = pairs.renew(a, b, at: now) { random.next() }
    let asked = try #require(made)
    #expect(asked.links.isEmpty)
    #expect(pairs.move(a, to: home).isEmpty, "nothing is active")
    let activated = pairs.activate(b, at: away, a, at: home)
    let change = try #require(activated)
    #expect(change.after.links.map(\.key.source) == [home, away])
    #expect(change.after.links.map(\.key.tag) == [asked.first.tag, asked.second.tag])
  }
}
