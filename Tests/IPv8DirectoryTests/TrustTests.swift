import DirectorySimulator
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire
import Testing

@Suite("Whom a directory trusts")
struct TrustTests {
  @Test("contacts, friends of friends by their score, nobody who is blocked")
  func standings() {
    var desk = Desk()
    desk.befriend(1)
    _ = desk.relate(1, 2)
    _ = desk.relate(5, 6)
    desk.settle()
    #expect(desk.directory.standing(of: desk.own.permID) == .own)
    #expect(desk.directory.standing(of: Desk.key(1).permID) == .added)
    guard case .trusted(let score) = desk.directory.standing(of: Desk.key(2).permID) else {
      return #expect(Bool(false), "a friend's friend is trusted")
    }
    #expect(score == desk.directory.score(of: Desk.key(2).permID))
    #expect(desk.directory.standing(of: Desk.key(6).permID) == .stranger)
    #expect(desk.directory.standing(of: Desk.key(99).permID) == .stranger)
    desk.directory.block(Desk.key(1).permID, true, at: desk.now)
    #expect(desk.directory.standing(of: Desk.key(1).permID) == .blocked)
    #expect(desk.directory.standing(of: Desk.key(2).permID) == .stranger)
    desk.directory.block(Desk.key(1).permID, false, at: desk.now)
    #expect(desk.directory.standing(of: Desk.key(2).permID) == .trusted(score))
    desk.directory.removeContact(Desk.key(1).permID, at: desk.now)
    #expect(desk.directory.standing(of: Desk.key(2).permID) == .stranger)
  }

  @Test("are admitted as the policy says")
  func admission() {
    var desk = Desk()
    desk.befriend(1)
    _ = desk.relate(1, 2)
    desk.directory.block(Desk.key(3).permID, true, at: desk.now)
    desk.settle()
    for (policy, expected) in [
      (AdmissionPolicy.added, [true, false, false, false]),
      (.trusted, [true, true, false, false]), (.anyone, [true, true, true, false]),
    ] {
      var settings = desk.directory.settings
      settings.admission = policy
      desk.directory.apply(settings, at: desk.now)
      let admitted = [UInt64](arrayLiteral: 1, 2, 4, 3).map {
        desk.directory.admits(Desk.key($0).permID)
      }
      #expect(admitted == expected)
    }
  }

  @Test("chains of friends make trusted as far as the settings say")
  func friendHops() {
    var desk = Desk {
      $0.friendHops = 3
      $0.trustThreshold = 1
    }
    desk.befriend(1)
    for number in 1..<6 { _ = desk.relate(UInt64(number), UInt64(number + 1)) }
    desk.settle()
    let trusted = (2..<7).map { number in
      desk.directory.admits(Desk.key(UInt64(number)).permID)
    }
    #expect(trusted == [true, true, false, false, false])
    #expect(desk.directory.explain(Desk.key(3).permID)?.friendHops == 3)
    // A vote is no friendship.
    let vote = SimulatedIdentity.relation(
      Desk.key(1), to: Desk.key(9).permID, at: desk.time(0), type: .moderatorVote)
    _ = desk.offer(vote.bytes)
    desk.settle()
    #expect(!desk.directory.admits(Desk.key(9).permID))
  }

  @Test("is explained by paths, relations and bridges; paths are found")
  func explanation() {
    var desk = Desk()
    desk.befriend(1)
    desk.befriend(2)
    _ = desk.relate(1, 3)
    _ = desk.relate(2, 3, strength: 500_000)
    desk.settle()
    guard let why = desk.directory.explain(Desk.key(3).permID) else {
      return #expect(Bool(false), "the peer is known")
    }
    #expect(why.scores.keys.sorted() == ["betweenness", "maxflow", "meritrank"])
    #expect(why.received.count == 2)
    #expect(why.paths.first?.peers.first == desk.own.permID)
    #expect(why.paths.first?.peers.last == Desk.key(3).permID)
    #expect(why.rank != nil)
    #expect(why.bridge == nil)
    let paths = desk.directory.friendshipPaths(to: Desk.key(3).permID, count: 5)
    #expect(paths.map(\.kind) == [.strongest, .disjoint, .disjoint])
    #expect(paths.allSatisfy { $0.peers.count == 3 })
    #expect(desk.directory.explain(Desk.key(77).permID) == nil)
    #expect(desk.directory.friendshipPaths(to: Desk.key(77).permID, count: 5).isEmpty)
  }

  @Test("the relation to sign is later than the one it replaces, be the clock set back")
  func relationToSign() {
    var desk = Desk()
    let peer = Desk.key(1).permID
    let first = desk.directory.relationToSign(trusting: peer, strength: 0.8, at: desk.now)
    #expect(first.strength == 800_000)
    let signed = SignedRelation(signing: first, with: desk.own)
    #expect(desk.offer(signed.bytes, from: .own) == .accepted)
    let second = desk.directory.relationToSign(
      trusting: peer, strength: 7, at: desk.moment(-60_000))
    #expect(second.timestamp > first.timestamp)
    #expect(second.strength == RelationRecord.fullStrength)
  }

  @Test("is the same after a load as before")
  func load() {
    var network = ConvergenceTests.chain(6)
    network.run(for: .seconds(20))
    let (stored, before) = (network.stored[0], network.hosts[0])
    var after = Directory(own: before.own, settings: before.settings, seed: 3)
    after.setContacts([network.id(1)], at: network.moment)
    let batches: [LoadedRecords] = [
      .bindings(Array(stored.bindings.values)), .relations(Array(stored.relations.values)),
    ]
    // A second load of the same changes nothing.
    for _ in 0..<2 {
      after.reserve(peers: 100)
      for batch in batches { after.load(PreparedRecords(batch), at: network.moment) }
      after.finishLoading(at: network.moment)
      #expect(after.size.bindings == before.size.bindings)
      #expect(after.size.relations == before.size.relations)
      #expect(after.size.signers == before.size.signers)
      for key in network.keys {
        #expect(after.binding(of: key.permID) == before.binding(of: key.permID))
        #expect(after.admits(key.permID) == before.admits(key.permID))
      }
    }
  }

  @Test("leaves out at a load what expired, and what a load before it said of the same")
  func loadOrder() throws {
    let desk = Desk()
    let (own, other) = (desk.own, Desk.key(1))
    var directory = Directory(own: own.permID, seed: 3)
    let relations = [300_000, 700_000].enumerated().map { place, strength in
      SignedRelation(
        signing: RelationRecord(
          signer: own.permID, subject: other.permID, type: .friend,
          timestamp: WallTime(milliseconds: 1_000 + UInt64(place)), strength: Int64(strength)),
        with: own)
    }
    for relation in relations {
      directory.load(PreparedRecords(.relations([relation])), at: desk.now)
    }
    let old = WallTime(milliseconds: desk.now.wall.milliseconds - 100_000_000)
    let binding = SignedBinding(
      signing: BindingRecord(permID: other.permID, timestamp: old), with: other)
    directory.load(PreparedRecords(.bindings([binding])), at: desk.now)
    directory.finishLoading(at: desk.now)
    #expect(directory.size.bindings == 0 && directory.size.relations == 1)
    #expect(directory.takeOutputs().contains(.store([.removeBinding(other.permID)])))
    let why = try #require(directory.explain(other.permID))
    #expect(why.received.map(\.strength) == [300_000])
  }
}
