import IPv8Traversal
import IPv8Wire
import P2TP
import Testing

@testable import IPv8Node

/// What `ipv8-tun why` says.
@Suite("An explanation of a path")
struct PathExplanationTests {
  private static let relay = NodeFixture(7).identity.permID
  private static let other = NodeFixture(8).identity.permID
  private static let endpoint = Endpoint(.v4(IPv4Address(0xcb00_7109)), port: 41_641)

  private static let symmetric = NATSummary(
    mapping: .addressAndPortDependent, filtering: .addressAndPortDependent)
  private static let cone = NATSummary(
    mapping: .endpointIndependent, filtering: .addressAndPortDependent)

  private static func journal(_ events: [(Int64, PathEvent)]) -> PathJournal {
    var journal = PathJournal()
    for (time, event) in events { journal.note(event, at: NodeFixture.moment(time)) }
    return journal
  }

  private func text(_ story: PathStory) -> String {
    PathExplanation(story, of: "bob") { $0 == Self.relay ? "ana" : "eve" }.text
  }

  @Test("of a direct one says where, since when, and how it began")
  func direct() {
    let story = PathStory(
      state: .open, path: .direct(Self.endpoint),
      journal: Self.journal([
        (0, .introduced(by: Self.relay, isRelaying: true)), (100, .path(.relay(Self.relay))),
        (1_400, .path(.direct(Self.endpoint))),
      ]), now: NodeFixture.moment(61_400))
    #expect(
      text(story) == "bob is reached directly at 203.0.113.9:41641, for 60 s."
        + " It began by way of ana and became direct after 1.3 s.")
  }

  @Test("of a relayed one says what was tried, what failed, and what would help")
  func relayed() {
    let story = PathStory(
      state: .open, path: .relay(Self.relay), ownNAT: Self.symmetric, peerNAT: Self.cone,
      journal: Self.journal([
        (0, .silent(Self.other)), (50, .introduced(by: Self.relay, isRelaying: true)),
        (100, .path(.relay(Self.relay))), (120, .punching(.simultaneousOpen, addresses: 1)),
        (3_000, .punchFailed(.simultaneousOpen)),
      ]), now: NodeFixture.moment(200_000))
    #expect(
      text(story) == "bob is reached by way of ana, which passes sealed packets on, for 3 min."
        + " This machine is behind a symmetric NAT, bob behind a port-restricted NAT or a firewall."
        + " Tried: eve did not answer 3 min ago; introduced by ana, which relays 3 min ago;"
        + " began hole punching at 1 address 3 min ago; hole punching failed 3 min ago."
        + " A port mapping (PCP, NAT-PMP, UPnP or by hand) on the router of either would make it"
        + " direct.")
  }

  @Test(
    "names one change for each reason of not being direct",
    arguments: [
      (symmetric, symmetric, "A port mapping"), (cone, symmetric, "A port mapping"),
      (cone, cone, "allowing UDP there"), (NATSummary(), cone, "'ipv8-tun netcheck'"),
    ])
  func changes(own: NATSummary, peer: NATSummary, words: String) {
    let story = PathStory(
      state: .open, path: .relay(Self.relay), ownNAT: own, peerNAT: peer,
      now: NodeFixture.moment(0))
    let said = text(story)
    #expect(said.contains(words))
    let all = ["A port mapping", "allowing UDP there", "'ipv8-tun netcheck'"]
    #expect(all.count { said.contains($0) } == 1)
  }

  @Test("of a stream says that UDP would make it direct")
  func stream() {
    var story = PathStory(state: .open, path: .stream, now: NodeFixture.moment(0))
    #expect(text(story).hasSuffix("Allowing UDP at both ends would make it direct."))
    story.isOwnUDPBlocked = true
    #expect(text(story).contains("This network lets no UDP through, it seems"))
    #expect(text(story).hasSuffix("A network that allows UDP would make it direct."))
  }

  @Test("of none says whether it is looked for, who refused, and what is missing")
  func none() {
    var story = PathStory(
      state: .idle, journal: Self.journal([(0, .called(addresses: 2)), (30_000, .gaveUp)]),
      now: NodeFixture.moment(31_500))
    #expect(
      text(story) == "There is no session with bob. What this machine and bob are behind is not"
        + " known yet. Tried: called at 2 addresses 31 s ago; nobody answered the call 1.5 s ago."
        + " No address of it is known and no peer could introduce it: an endpoint given with"
        + " 'ipv8-tun peer add' would help, or a peer that both know.")
    story.state = .opening
    story.hasIntroducers = true
    story.journal = Self.journal([(31_400, .refused(by: Self.relay, .unknown))])
    #expect(text(story).hasPrefix("There is no session with bob yet; it is being looked for."))
    #expect(text(story).contains("ana does not reach bob just now."))
    #expect(text(story).hasSuffix("A peer that both keep a session with could introduce them."))
    story.hasAddresses = true
    #expect(text(story).hasSuffix("just now."))
  }

  @Test("of a lost one says so")
  func lost() {
    let story = PathStory(
      state: .open, path: .direct(Self.endpoint), isLost: true,
      journal: Self.journal([(0, .path(.direct(Self.endpoint))), (5_000, .lost)]),
      now: NodeFixture.moment(7_000))
    #expect(
      text(story) == "bob is reached directly at 203.0.113.9:41641, for 7.0 s."
        + " Nothing that is sent there is answered now. Tried: answers stopped 2.0 s ago.")
  }

  @Test("has words for every event, no two alike")
  func phrases() {
    let events: [PathEvent] = [
      .called(addresses: 1), .called(addresses: 2), .asked(Self.relay),
      .refused(by: Self.relay, .unknown), .refused(by: Self.relay, .busy), .silent(Self.relay),
      .introduced(by: Self.relay, isRelaying: true),
      .introduced(by: Self.relay, isRelaying: false),
      .punching(.simultaneousOpen, addresses: 1), .punching(.prediction, addresses: 1),
      .punching(.birthday, addresses: 1), .punchFailed(.simultaneousOpen), .dialled,
      .path(.direct(Self.endpoint)), .path(.direct(Endpoint(.socket(1)))),
      .path(.relay(Self.relay)), .path(.stream), .lost, .relayEnded(Self.relay),
      .ownNetworkChanged, .peerNetworkChanged, .gaveUp, .closed,
    ]
    let phrases = Set(events.map { PathExplanation.phrase($0, of: "bob") { _ in "ana" } })
    #expect(phrases.count == events.count)
  }

  @Test("draws on a journal that keeps the newest events and counts repeated ones once")
  func bounded() {
    var journal = PathJournal()
    for number in 0..<200 { journal.note(.called(addresses: number), at: NodeFixture.moment(0)) }
    #expect(journal.entries.count == PathJournal.limit)
    #expect(journal.entries.last?.event == .called(addresses: 199))
    for time in 0..<100 as Range<Int64> {
      journal.note(.asked(Self.relay), at: NodeFixture.moment(time))
      journal.note(.silent(Self.relay), at: NodeFixture.moment(time))
    }
    #expect(journal.entries.count == PathJournal.limit)
    #expect(journal.entries.count { $0.event == .silent(Self.relay) } == 1)
    #expect(journal.entries.last?.at == NodeFixture.moment(99))
  }
}
