import DirectorySimulator
import IPv8Crypto
import IPv8Directory
import IPv8Records
import IPv8Wire
import Testing

@Suite("Hostile peers")
struct HostileTests {
  @Test("that forge records by the hundred thousand cost no honest record, and little work")
  func forgedFlood() {
    var desk = Desk()
    let enemy = Desk.key(66).permID
    let friend = Desk.key(1)
    desk.befriend(1)
    let secret = SimulatedIdentity.secret(desk.own.permID, enemy)
    desk.directory.connected(enemy, pairSecret: secret, at: desk.now)
    var forged = SimulatedIdentity.binding(Desk.key(2), at: desk.time(0)).bytes
    var random = SeededRandom(seed: 1)
    for round in 0..<100_000 {
      // Other owners each, so that nothing is known before.
      for i in 0..<8 { forged[2 + i] = UInt8(truncatingIfNeeded: random.next()) }
      _ = desk.offer(forged, from: .peer(enemy))
      if round % 1_000 == 0 {
        desk.milliseconds += 10
        desk.directory.tick(at: desk.now)
        _ = desk.directory.takeOutputs()
      }
    }
    #expect(desk.directory.size.peers == 2)
    #expect(desk.directory.size.bindings == 0)
    #expect(desk.directory.counters.verifications < 3_000)
    let honest = SimulatedIdentity.binding(friend, at: desk.time(0))
    let verdict = desk.offer(honest.bytes, from: .peer(friend.permID))
    #expect(verdict == .accepted || verdict == .deferred)
    desk.settle()
    #expect(desk.directory.binding(of: friend.permID) == honest)
  }

  @Test("that sign as many peers as they like share a twentieth of the table")
  func sybils() {
    var desk = Desk { $0.recordCapacity = 400 }
    desk.befriend(1)
    for number in 0..<100 { _ = desk.relate(1, 1_000 + UInt64(number)) }
    desk.settle()
    for number in 0..<100 {
      _ = desk.offer(
        SimulatedIdentity.binding(Desk.key(1_000 + UInt64(number)), at: desk.time(0)).bytes)
    }
    let known = desk.directory.size.bindings
    #expect(known == 100)
    for number in 0..<500 {
      _ = desk.offer(
        SimulatedIdentity.binding(Desk.key(5_000 + UInt64(number)), at: desk.time(1)).bytes,
        from: .peer(Desk.key(66).permID))
    }
    #expect(desk.directory.size.bindings <= known + 20)
    #expect(desk.directory.size.bindings > known)
    // Who was known stays, and may change.
    for number in 0..<100 {
      #expect(desk.directory.binding(of: Desk.key(1_000 + UInt64(number)).permID) != nil)
    }
  }

  @Test("that say much of many leave room for others, within the table's limits")
  func relationFlood() {
    var desk = Desk { $0.recordCapacity = 40 }
    desk.befriend(1)
    desk.befriend(2)
    _ = desk.relate(1, 3)
    for subject in 0..<1_000 {
      _ = desk.relate(2, 2_000 + UInt64(subject), at: Int64(subject) / 10)
    }
    for signer in 0..<100 {
      for subject in 0..<5 {
        _ = desk.relate(4_000 + UInt64(signer), 6_000 + UInt64(subject))
      }
    }
    #expect(desk.directory.size.relations <= 40 * 8)
    #expect(desk.directory.size.signers <= 40)
    #expect(desk.directory.explain(Desk.key(3).permID)?.received.count == 1)
  }

  @Test("leave the full table first, the newest strangers last, contacts never")
  func eviction() {
    var desk = Desk { $0.recordCapacity = 100 }
    desk.befriend(1)
    for number in 0..<150 { _ = desk.relate(1, 1_000 + UInt64(number), at: Int64(number) / 10) }
    desk.settle()
    for number in 0..<150 {
      _ = desk.offer(
        SimulatedIdentity.binding(Desk.key(1_000 + UInt64(number)), at: desk.time(0)).bytes)
    }
    #expect(desk.directory.size.signers <= 100)
    #expect(desk.directory.size.signers >= 90)
    #expect(desk.directory.size.relations == 150)
    let removed = desk.directory.takeOutputs().reduce(0) {
      guard case .store(let changes) = $1 else { return $0 }
      return $0
        + changes.filter { if case .removeBinding = $0 { true } else { false } }.count
    }
    #expect(UInt64(removed) == desk.directory.counters.evicted)
  }

  @Test("that forge in a session are not talked with for an hour")
  func forgingPeer() {
    var network = SimulatedNetwork(seed: 1)
    for number in 0..<2 { network.add(UInt64(number)) }
    network.connect(0, 1)
    network.run(for: .seconds(10))
    let enemy = network.id(1)
    for number in 0..<6 {
      var bytes = SimulatedIdentity.binding(
        SimulatedIdentity.key(UInt64(100 + number)), at: network.moment.wall
      ).bytes
      bytes[bytes.count - 1] ^= 1
      network.with(0) { $0.offer(bytes, from: .peer(enemy), at: $1) }
    }
    // A reconnection does not help.
    network.disconnect(0, 1)
    network.connect(0, 1)
    network.announce(1)
    network.run(for: .seconds(60))
    #expect(network.hosts[0].binding(of: enemy) == nil)
    let honest = SimulatedIdentity.binding(SimulatedIdentity.key(100), at: network.moment.wall)
    let verdict = network.with(0) { $0.offer(honest.bytes, from: .peer(enemy), at: $1) }
    #expect(verdict == .refused(.busy))
    network.run(for: .seconds(4_000))
    #expect(network.hosts[0].binding(of: enemy) != nil)
  }

  @Test("that say more than a stranger may are not asked for the rest again and again")
  func beyondAllowance() {
    var network = SimulatedNetwork(seed: 2)
    for number in 0..<2 { network.add(UInt64(number)) }
    let signer = SimulatedIdentity.key(40)
    network.with(1) { $0.addContact(signer.permID, at: $1) }
    for subject in 0..<200 {
      let relation = SimulatedIdentity.relation(
        signer, to: SimulatedIdentity.key(UInt64(5_000 + subject)).permID,
        at: WallTime(milliseconds: network.moment.wall.milliseconds - UInt64(subject) * 100_000))
      network.with(1) { $0.offer(relation.bytes, from: .file, at: $1) }
    }
    network.connect(0, 1)
    network.run(for: .seconds(600))
    #expect(network.hosts[0].size.relations == 64)
    let checked = network.hosts[0].counters.verifications
    let refused = network.hosts[0].counters.refused[.allowance] ?? 0
    network.run(for: .seconds(3_600))
    #expect(network.hosts[0].counters.verifications == checked)
    #expect((network.hosts[0].counters.refused[.allowance] ?? 0) <= refused + 2)
    // Who becomes a contact may say more.
    network.with(0) { $0.addContact(signer.permID, at: $1) }
    network.run(for: .seconds(1_800))
    #expect(network.hosts[0].size.relations == 200)
  }

  @Test("that send bytes of any kind bring nothing down")
  func noise() {
    var network = ConvergenceTests.chain(3)
    network.run(for: .seconds(5))
    var random = SeededRandom(seed: 5)
    for _ in 0..<3_000 {
      let kind = [ControlFrame.Kind.sync, .query, .answer][Int(random.next() % 3)]
      let body = (0..<Int(random.next() % 60)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      network.inject(ControlFrame(kind, body: body), from: 0, to: 1)
    }
    network.run(for: .seconds(5))
    #expect(network.hosts[1].size.bindings == 3)
  }

  @Test("that are proved to deceive are shunned by all, and the proof reaches everyone")
  func proofTravels() {
    var network = ConvergenceTests.chain(6)
    network.run(for: .seconds(10))
    let liar = SimulatedIdentity.key(3)
    let time = network.moment.wall
    for (host, strength) in [(0, Int64(1)), (5, 2)] {
      let relation = SimulatedIdentity.relation(
        liar, to: SimulatedIdentity.key(70).permID, at: time, strength: strength)
      network.with(host) { $0.offer(relation.bytes, from: .file, at: $1) }
    }
    let isDone = network.run(until: network.now + .seconds(20)) {
      $0.hosts.allSatisfy { $0.size.contradictions == 1 }
    }
    #expect(isDone)
    network.run(for: .seconds(1))
    #expect(network.hosts[0].standing(of: liar.permID) == .blocked)
    #expect(network.hosts.allSatisfy { $0.score(of: liar.permID) == 0 || $0.own == liar.permID })
    #expect(network.stored[0].contradictions[liar.permID] != nil)
  }
}
