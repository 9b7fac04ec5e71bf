import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Punching".
@Suite("Punch schedules")
struct ScheduleTests {
  private static func candidates(_ count: Int, signed: Int = 0) -> [Candidate] {
    (0..<count).map {
      Candidate(
        Endpoint(.v4(IPv4Address(0x0600_0001 + UInt32($0) << 16)), port: 9), .reflexive,
        isSigned: $0 < signed)
    }
  }

  @Test("knock at all candidates in three rounds, 20 ms apart, the best first")
  func rounds() {
    let candidates = Self.candidates(4)
    let knocks = PunchSchedule.simultaneousOpen(candidates)
    #expect(knocks.count == 12)
    for (place, knock) in knocks.enumerated() {
      #expect(knock.destination == candidates[place % 4].endpoint && knock.content == .bare)
      #expect(
        knock.at.milliseconds == [0, 250, 750][place / 4] + Int64(place % 4) * 20)
    }
  }

  @Test("send a whole call only where the owner signed, 20 ms behind the bare knock")
  func calls() {
    let candidates = Self.candidates(3, signed: 1)
    let knocks = PunchSchedule.simultaneousOpen(candidates)
    for knock in knocks where knock.content == .call {
      #expect(knock.destination == candidates[0].endpoint)
      #expect(
        knocks.contains {
          $0.content == .bare && $0.destination == knock.destination
            && $0.at + .milliseconds(20) == knock.at
        })
    }
    #expect(knocks.count { $0.content == .call } == 3)
    #expect(knocks.map(\.at) == knocks.map(\.at).sorted())
  }

  @Test("send no address more than twenty datagrams, and a stranger named in them 160 bytes")
  func victims() {
    var random = TestRandom("Punch victims")
    for _ in 0..<300 {
      let candidates = (0..<Int(random.next() % 30)).map { _ in
        Candidate(
          Endpoint(.v4(IPv4Address((UInt32(random.next() % 4) + 1) << 24)), port: random.integer()),
          .reflexive, isSigned: random.oneIn(3))
      }
      var counts: [IPAddress: Int] = [:]
      for knock in PunchSchedule.simultaneousOpen(candidates) {
        counts[knock.destination.address, default: 0] += 1
        #expect(knock.at < .seconds(2))
      }
      #expect(counts.values.allSatisfy { $0 <= 20 })
    }
  }

  @Test("begin after one and a half of the introduction's way, within bounds")
  func delay() {
    #expect(
      PunchSchedule.delay(roundTrips: .milliseconds(40), .milliseconds(60)) == .milliseconds(150))
    #expect(PunchSchedule.delay(roundTrips: .zero, .zero) == .milliseconds(50))
    #expect(PunchSchedule.delay(roundTrips: .seconds(9), .seconds(9)) == .seconds(3))
  }

  @Test("guess the ports that a counting NAT gives next, though others use it too")
  func prediction() {
    var random = TestRandom("Port prediction")
    for step in [-16, -3, -2, -1, 1, 2, 3, 16] {
      for _ in 0..<200 {
        let last: UInt16 = UInt16(1_024 + random.next() % 64_512)
        let ports = PortPrediction.ports(last: last, step: step)
        #expect(ports.count <= PortPrediction.portLimit && Set(ports).count == ports.count)
        #expect(ports.allSatisfy { $0 >= 1_024 })
        func after(_ count: Int) -> UInt16 {
          let offset = Int(last) - 1_024 + step * count + 64_512
          return UInt16(1_024 + offset % 64_512)
        }
        #expect(Array(ports.prefix(25)) == (1...25).map(after))
        // Up to ten mappings of others in between still leave most sockets within.
        let hits = (1...25).count { ports.contains(after($0 + 10)) }
        #expect(hits >= 15)
      }
    }
    #expect(PortPrediction.counting(at: Self.candidates(1)[0].endpoint).count == 50)
  }

  @Test(
    "of birthday probing succeed with the probability of the design",
    arguments: [(174, 0.50), (256, 0.64), (512, 0.87), (1_024, 0.983), (2_048, 0.9997)])
  func probability(tries: Int, expected: Double) {
    let probability = BirthdayProbe.probability(sockets: 256, tries: tries)
    #expect(abs(probability - expected) < 0.005)
    #expect(abs(BirthdayProbe.probability(sockets: 512, tries: 512) - 0.983) < 0.001)
  }

  @Test("of birthday probing hit as often as the formula says")
  func simulatedBirthday() {
    var random = TestRandom("Birthday")
    var hits = 0
    let rounds = 2_000
    for round in 0..<rounds {
      var shuffle = PortShuffle(seed: random.next() ^ UInt64(round))
      var open: Set<UInt16> = []
      while open.count < 256 { open.insert(UInt16(1_024 + random.next() % 64_512)) }
      if (0..<256).contains(where: { _ in open.contains(shuffle.next()) }) { hits += 1 }
    }
    let expected = BirthdayProbe.probability(sockets: 256, tries: 256)
    // Six standard deviations of 2,000 tries: chance fails this once in hundreds of millions of runs.
    #expect(abs(Double(hits) / Double(rounds) - expected) < 0.065)
  }

  @Test("of birthday probing stay within their packets, and try no port twice")
  func birthdayBudget() {
    let peer = Endpoint(.v4(IPv4Address(0x0505_0505)), port: 9)
    var shuffle = PortShuffle(seed: 1)
    let hard = BirthdayProbe.hard(at: peer)
    let easy = BirthdayProbe.easy(at: peer.address, &shuffle)
    #expect(hard.count + easy.count <= BirthdayProbe.packetLimit)
    #expect(hard.count == 256 && Set(hard.map(\.socket)).count == 256)
    #expect((easy.last?.at ?? .zero) < .seconds(12))
    var seen = Set(easy.map(\.destination.port))
    #expect(seen.count == 1_024)
    for _ in 1_024..<BirthdayProbe.portCount { seen.insert(shuffle.next()) }
    #expect(seen.count == BirthdayProbe.portCount && seen.allSatisfy { $0 >= 1_024 })
  }

  @Test("that are costly are made once an hour for a pair, ever more rarely while they fail")
  func budget() throws {
    let peer = try #require(PermID([UInt8](repeating: 7, count: 32)))
    let other = try #require(PermID([UInt8](repeating: 8, count: 32)))
    var budget = PunchBudget()
    let start = Timestamp(nanoseconds: 1)
    func take(_ peer: PermID, _ hours: Int64) -> Bool {
      budget.take(peer, at: start + .seconds(hours * 3_600))
    }
    let tries = (0..<200).filter { take(peer, Int64($0)) }
    #expect(tries == [0, 1, 3, 7, 15, 31, 55, 79, 103, 127, 151, 175, 199])
    #expect(take(other, 199))
    budget.succeeded(peer)
    #expect(!take(peer, 200) && take(peer, 223) && take(peer, 224) && !take(peer, 225))
    budget.networkChanged()
    #expect(take(peer, 225))
    for number in 0..<2_000 as Range<UInt32> {
      var bytes = [UInt8](repeating: 1, count: 28)
      bytes.append(bigEndian: number)
      #expect(take(try #require(PermID(bytes)), 300))
    }
  }
}
