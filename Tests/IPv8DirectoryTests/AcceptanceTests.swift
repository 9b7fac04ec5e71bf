import DirectorySimulator
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire
import Testing

/// One directory by itself, with contacts that sign.
struct Desk {
  var directory: Directory
  let own = SimulatedIdentity.key(1_000)
  var milliseconds: UInt64 = 5_000

  init(_ change: (inout DirectorySettings) -> Void = { _ in }) {
    var settings = DirectorySettings()
    change(&settings)
    directory = Directory(own: own.permID, settings: settings, seed: 3)
  }

  var now: Moment { moment(0) }

  func moment(_ ahead: Int64) -> Moment {
    Moment(
      boot: Timestamp(nanoseconds: milliseconds * 1_000_000),
      wall: WallTime(
        milliseconds: UInt64(Int64(SimulatedIdentity.start + milliseconds) + ahead)))
  }

  /// The wall time `seconds` from now.
  func time(_ seconds: Int64) -> WallTime { moment(seconds * 1_000).wall }

  static func key(_ number: UInt64) -> IdentityKey { SimulatedIdentity.key(number) }

  mutating func offer(_ bytes: [UInt8], from source: RecordSource = .file) -> RecordVerdict {
    directory.offer(bytes, from: source, at: now)
  }

  mutating func befriend(_ number: UInt64) {
    directory.addContact(Self.key(number).permID, at: now)
  }

  mutating func relate(
    _ a: UInt64, _ b: UInt64, strength: Int64 = 1_000_000, at seconds: Int64 = 0
  ) -> RecordVerdict {
    offer(
      SimulatedIdentity.relation(
        Self.key(a), to: Self.key(b).permID, at: time(seconds), strength: strength
      ).bytes)
  }

  mutating func settle() {
    milliseconds += 1_000
    directory.tick(at: now)
  }
}

@Suite("Records that come")
struct AcceptanceTests {
  @Test("are taken once; the newest counts")
  func newest() {
    var desk = Desk()
    let old = SimulatedIdentity.binding(Desk.key(1), at: desk.time(-20), port: 1)
    let new = SimulatedIdentity.binding(Desk.key(1), at: desk.time(-10), port: 2)
    #expect(desk.offer(old.bytes) == .accepted)
    #expect(desk.offer(old.bytes) == .known)
    #expect(desk.offer(new.bytes) == .accepted)
    #expect(desk.offer(old.bytes) == .older)
    #expect(desk.directory.binding(of: Desk.key(1).permID) == new)
    #expect(desk.directory.permID(at: OverlayAddress(of: Desk.key(1).permID)) == Desk.key(1).permID)
  }

  @Test("of one timestamp count alike in whatever order they come")
  func ties() {
    let records = [1, 2].map {
      SimulatedIdentity.binding(Desk.key(1), at: Desk().time(-1), port: $0)
    }
    var (one, other) = (Desk(), Desk())
    for record in records { _ = one.offer(record.bytes) }
    for record in records.reversed() { _ = other.offer(record.bytes) }
    let peer = Desk.key(1).permID
    #expect(one.directory.binding(of: peer) == other.directory.binding(of: peer))
  }

  @Test("ahead of the clock, expired, forged or malformed are refused")
  func refusals() {
    var desk = Desk()
    let key = Desk.key(1)
    let future = SimulatedIdentity.binding(key, at: desk.time(121))
    let ahead = SimulatedIdentity.binding(key, at: desk.time(119))
    let expired = SimulatedIdentity.binding(key, at: desk.time(-4_201), lifetime: 3_600)
    let late = SimulatedIdentity.binding(Desk.key(2), at: desk.time(-4_199), lifetime: 3_600)
    #expect(desk.offer(future.bytes) == .refused(.fromFuture))
    #expect(desk.offer(expired.bytes) == .refused(.expired))
    #expect(desk.offer(late.bytes) == .accepted)
    for place in [1, 20, 60, 130] {
      var forged = ahead.bytes
      forged[min(place, forged.count - 1)] ^= 1
      guard case .refused = desk.offer(forged) else { return #expect(Bool(false)) }
    }
    #expect(desk.offer([]) == .refused(.malformed))
    #expect(desk.offer([9, 9, 9]) == .refused(.malformed))
    #expect(desk.offer(ahead.bytes + [0]) == .refused(.malformed))
    let relation = SimulatedIdentity.relation(key, to: Desk.key(2).permID, at: desk.time(0))
    #expect(desk.offer(Array(relation.bytes.dropLast())) == .refused(.malformed))
    var forged = relation.bytes
    forged[140] ^= 1
    #expect(desk.offer(forged) == .refused(.forged))
    #expect(desk.relate(1, 2, at: 121) == .refused(.fromFuture))
    let local = SignedBinding(
      signing: BindingRecord(
        permID: key.permID, endpoint4: Endpoint(.v4(IPv4Address(0x7f00_0001)), port: 1),
        timestamp: desk.time(0)), with: key)
    #expect(desk.offer(local.bytes) == .refused(.unusableEndpoint))
    #expect(desk.offer(ahead.bytes) == .accepted)
    #expect(desk.directory.size.bindings == 2)
  }

  @Test("of a peer that changes too often wait; our own are offered later")
  func pace() {
    var desk = Desk()
    let peer = Desk.key(7).permID
    var verdicts: [RecordVerdict] = []
    for i in 0..<8 {
      let binding = SimulatedIdentity.binding(Desk.key(1), at: desk.time(Int64(i)))
      verdicts.append(desk.offer(binding.bytes, from: .peer(peer)))
    }
    #expect(verdicts.filter { $0 == .accepted }.count == 6)
    #expect(verdicts.last == .refused(.tooOften))
    for i in 0..<8 {
      let binding = SimulatedIdentity.binding(
        desk.own, at: desk.time(Int64(i)), port: UInt16(i + 1))
      _ = desk.offer(binding.bytes, from: .own)
    }
    #expect(desk.directory.ownBindingTimestamp == desk.time(5))
    desk.milliseconds += 10_000
    desk.directory.tick(at: desk.now)
    #expect(desk.directory.binding(of: desk.own.permID)?.record.endpoint4?.port == 8)
  }

  @Test("leave when they expire, from the store, too")
  func expiry() {
    var desk = Desk()
    let binding = SimulatedIdentity.binding(Desk.key(1), at: desk.time(0), lifetime: 60)
    _ = desk.offer(binding.bytes)
    desk.directory.tick(at: desk.now)
    for _ in 0..<65 {
      desk.milliseconds += 10_000
      desk.directory.tick(at: desk.now)
    }
    #expect(desk.directory.size.bindings == 1)
    _ = desk.directory.takeOutputs()
    for _ in 0..<8 {
      desk.milliseconds += 10_000
      desk.directory.tick(at: desk.now)
    }
    #expect(desk.directory.size.bindings == 0)
    #expect(desk.directory.size.peers == 1)
    #expect(desk.directory.takeOutputs().contains(.store([.removeBinding(Desk.key(1).permID)])))
  }

  @Test("that were withdrawn say that nobody is there")
  func withdrawn() {
    var desk = Desk()
    let key = Desk.key(1)
    _ = desk.offer(SimulatedIdentity.binding(key, at: desk.time(-5)).bytes)
    let record = BindingRecord(permID: key.permID, timestamp: desk.time(0), flags: .withdrawn)
    #expect(desk.offer(SignedBinding(signing: record, with: key).bytes) == .accepted)
    #expect(desk.directory.binding(of: key.permID) == nil)
  }

  @Test("that contradict each other are proof, and their signer is nobody's friend any more")
  func contradiction() {
    var desk = Desk()
    desk.befriend(1)
    #expect(desk.relate(1, 2) == .accepted)
    #expect(desk.relate(2, 3) == .accepted)
    desk.settle()
    #expect(desk.directory.score(of: Desk.key(2).permID) > 0)
    #expect(desk.directory.score(of: Desk.key(3).permID) > 0)
    desk.milliseconds -= 1_000
    #expect(desk.relate(2, 3, strength: 5) == .contradiction)
    desk.settle()
    #expect(desk.directory.standing(of: Desk.key(2).permID) == .blocked)
    #expect(desk.directory.score(of: Desk.key(2).permID) == 0)
    #expect(desk.directory.score(of: Desk.key(3).permID) == 0)
    #expect(desk.relate(2, 4, at: 50) == .refused(.blocked))
    let proof = desk.directory.explain(Desk.key(2).permID)?.contradiction ?? []
    #expect(Contradiction(verifying: proof) != nil)
    // As proof to another one, whichever of the two records it had.
    var other = Desk()
    #expect(other.offer(proof) == .contradiction)
    #expect(other.offer(proof) == .known)
    #expect(other.directory.standing(of: Desk.key(2).permID) == .blocked)
    var forged = proof
    forged[forged.count - 1] ^= 1
    var third = Desk()
    #expect(third.offer(forged) == .refused(.forged))
    #expect(third.directory.size.contradictions == 0)
  }

  @Test("of one signer displace its own oldest alone, and only so many are kept")
  func allowance() {
    var desk = Desk { $0.allowance.relationsOfType = 20 }
    desk.befriend(1)
    _ = desk.relate(3, 4)
    for subject in 0..<60 { _ = desk.relate(1, 100 + UInt64(subject), at: Int64(subject)) }
    let given = desk.directory.explain(Desk.key(1).permID)?.given ?? []
    #expect(given.count == 20)
    #expect(given.allSatisfy { $0.timestamp >= desk.time(40) })
    #expect(desk.directory.size.relations == 21)
    // Peers of whom nothing is said any more are forgotten.
    #expect(desk.directory.size.peers == 1 + 1 + 20 + 2)
    #expect(desk.relate(1, 100, at: -10) == .refused(.allowance))
  }
}
