import IPv8Crypto
import IPv8Traversal
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// docs/protocol/introductions.md, "Exchange": the caller.
@Suite("A caller")
struct CallerTests {
  private func asked(_ letters: [Trio.Letter]) -> [NodeFixture] {
    letters.filter { $0.frame.kind == .call }.map(\.recipient)
  }

  private func asks(_ trio: Trio, at time: Int64) -> [NodeFixture] {
    _ = trio.a.advance(to: time)
    return asked(trio.letters())
  }

  @Test("asks two introducers at once, and the next as soon as one refuses")
  func fanOut() throws {
    let trio = Trio(introducerCount: 4)
    trio.want(at: 1_000)
    let first = trio.letters()
    #expect(first.count == 2)
    let refusing = first[0].recipient
    refusing.decide(at: 1_000) { [permID = trio.b.identity.permID] node, now, actions in
      node.removeContact(node.index(of: permID) ?? PeerIndex(-1), at: now, into: &actions)
    }
    trio.deliver(first[0], at: 1_000)
    for letter in trio.letters() { trio.deliver(letter, at: 1_010) }
    let next = trio.letters()
    #expect(next.count == 1)
    #expect(!first.contains { $0.recipient === next.first?.recipient })
  }

  @Test("asks the next ones when two are silent, and all again ever more rarely")
  func silence() {
    let trio = Trio(introducerCount: 4)
    trio.a.decide(at: 500) { [b = trio.b.identity.permID] node, now, actions in
      _ = node.setContact(Contact(permID: b, keepOpen: true), at: now, into: &actions)
    }
    var times: [Int64] = trio.letters().map { _ in 500 }
    var everyone = 0
    for time in stride(from: Int64(510), to: 600_000, by: 10) {
      let now = asks(trio, at: time)
      times += now.map { _ in time }
      if time < 1_100 { everyone += now.count }
    }
    #expect(times.prefix(4) == [500, 500, 1_000, 1_000] && everyone == 2)
    // Rounds of four, the waits between them doubling to a minute.
    #expect(times.count <= 4 * 20)
    let late = times.filter { $0 > 300_000 }
    #expect(late.count >= 4 * 3)
  }

  @Test("does not ask while a call is likely to find the peer by itself, and then does")
  func headStart() {
    let trio = Trio()
    trio.a.add(trio.b, at: 1_000)
    trio.want(at: 1_000)
    #expect(trio.letters().isEmpty)
    #expect(asks(trio, at: 1_099).isEmpty)
    #expect(asks(trio, at: 1_100).count == 1)
  }

  @Test("does not ask for a peer that answered in time")
  func cancels() {
    let trio = Trio()
    trio.a.add(trio.b, at: 1_000)
    trio.b.add(trio.a, at: 1_000)
    Trio.open(trio.a, trio.b, at: 1_020)
    trio.a.frames = []
    for time in stride(from: Int64(1_030), to: 3_000, by: 10) {
      #expect(asks(trio, at: time).isEmpty)
    }
  }

  @Test("prefers who introduced it before, and asks last who refused")
  func order() {
    let trio = Trio(introducerCount: 3)
    let (first, second, third) = (trio.introducers[0], trio.introducers[1], trio.introducers[2])
    let (a, index) = (trio.a, trio.a.index(trio.b))
    func ranked() -> [NodeFixture] {
      var tried: Set<PeerIndex> = []
      while let next = a.node.introducer(to: index, besides: tried) { tried.insert(next) }
      var order: [NodeFixture] = []
      tried = []
      while let next = a.node.introducer(to: index, besides: tried) {
        tried.insert(next)
        order += trio.introducers.filter { a.index($0) == next }
      }
      return order
    }
    a.node.peers[a.index(first)]?.reach.roundTrip = .milliseconds(90)
    a.node.peers[a.index(second)]?.reach.roundTrip = .milliseconds(30)
    a.node.peers[a.index(third)]?.reach.roundTrip = .milliseconds(60)
    #expect(
      ranked().map { ObjectIdentifier($0) } == [second, third, first].map { ObjectIdentifier($0) })
    let firstIndex = a.index(first)
    a.node.peers[index]?.reach.remember(firstIndex)
    #expect(ranked().first === first)
    a.node.peers[index]?.reach.rememberRefusal(
      of: firstIndex, at: NodeFixture.moment(1_000).boot)
    #expect(ranked().last === first)
  }

  @Test("asks nobody that it reaches by a relay itself")
  func noNesting() {
    let trio = Trio(introducerCount: 2)
    let m = trio.introducers[0]
    let by = Endpoint(.relay(trio.a.index(trio.introducers[1]), tag: .one))
    trio.a.decide(at: 900) { [index = trio.a.index(m)] in
      $0.handle(.moved(by), of: index, at: $1, into: &$2)
    }
    trio.want(at: 1_000)
    #expect(asked(trio.letters()).allSatisfy { $0 !== m })
  }

  @Test("refuses packets for a peer that no introducer knows, and waits for one that may come")
  func refuses() {
    let trio = Trio(introducerCount: 2)
    for m in trio.introducers { trio.end(m, trio.b, at: 500) }
    for node in trio.all { node.frames = [] }
    trio.want(at: 1_000)
    #expect(trio.a.state(of: trio.b) == .opening)
    trio.settle(at: 1_000)
    #expect(trio.a.reachable[trio.a.index(trio.b)] == false)
    let alone = Trio(introducerCount: 0)
    alone.want(at: 1_000)
    #expect(alone.a.reachable[alone.a.index(alone.b)] == false)
  }

  @Test("refuses packets after 3 s and gives up after 30 s where introducers are silent")
  func patience() {
    let trio = Trio(introducerCount: 2)
    trio.want(at: 1_000)
    for time in stride(from: Int64(1_010), to: 4_000, by: 10) { _ = asks(trio, at: time) }
    #expect(trio.a.reachable[trio.a.index(trio.b)] == nil)
    _ = asks(trio, at: 4_010)
    #expect(trio.a.reachable[trio.a.index(trio.b)] == false)
    for time in stride(from: Int64(4_020), to: 40_000, by: 10) { _ = asks(trio, at: time) }
    #expect(trio.a.state(of: trio.b) == .idle)
    var later: [NodeFixture] = []
    for time in stride(from: Int64(40_000), to: 400_000, by: 100) { later += asks(trio, at: time) }
    #expect(later.isEmpty)
    // The next packet is worth another search.
    trio.want(at: 500_000)
    #expect(!trio.letters().isEmpty)
  }

  @Test("takes no answer that it did not ask for, nor the same one twice, nor one that is late")
  func strictAnswers() throws {
    let trio = Trio()
    trio.want(at: 1_000)
    for letter in trio.letters() { trio.deliver(letter, at: 1_000) }
    for letter in trio.letters() { trio.deliver(letter, at: 1_010) }
    for letter in trio.letters() { trio.deliver(letter, at: 1_020) }
    let answer = try #require(trio.letters().first)
    #expect(answer.recipient === trio.a)
    var other = answer.frame.body
    other[7] ^= 1
    let forged = Trio.Letter(
      sender: answer.sender, recipient: answer.recipient, frame: ControlFrame(.called, body: other))
    trio.deliver(forged, at: 1_030)
    #expect(trio.reach(trio.a, to: trio.b)?.relays.isEmpty == true)
    trio.deliver(answer, at: 1_040)
    #expect(trio.reach(trio.a, to: trio.b)?.relays.count == 1)
    let before = trio.a.counters.badIntroduction
    trio.deliver(answer, at: 1_050)
    #expect(trio.a.counters.badIntroduction == before + 1)
  }
}

extension RelayTag {
  /// Any tag, for tests that need one.
  static let one: RelayTag = {
    guard let tag = RelayTag(1) else { preconditionFailure("1 is a tag") }
    return tag
  }()
}
