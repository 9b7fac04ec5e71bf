import IPv8Wire
import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Sessions over a network, in virtual time")
struct SessionTests {
  static let salt = SyncSalt(k0: 3, k1: 4)
  static let start: UInt64 = 1_799_900_000_000

  /// Two peers with common records, records of their own, and newer versions of common ones.
  static func link(
    common: Int, own: (Int, Int), newer: (Int, Int), faults: SimulatedLink.Faults = .init(),
    limits: SyncLimits = generous, _ random: inout TestRandom
  ) -> SimulatedLink {
    var sides: ([SimulatedRecord], [SimulatedRecord]) = ([], [])
    func record(_ number: Int, at time: UInt64) -> SimulatedRecord {
      SimulatedRecord(
        signer: SimulatedRecord.signer(UInt64(number / 3)), slot: UInt32(number % 3),
        timestamp: WallTime(milliseconds: start + time), rest: random.next())
    }
    for number in 0..<(common + own.0 + own.1) {
      let old = record(number, at: random.next() % 50_000_000)
      let new = record(number, at: 60_000_000 + random.next() % 30_000_000)
      if number < newer.0 {
        sides.0.append(new)
        sides.1.append(old)
      } else if number < newer.0 + newer.1 {
        sides.0.append(old)
        sides.1.append(new)
      } else if number < common {
        sides.0.append(old)
        sides.1.append(old)
      } else if number < common + own.0 {
        sides.0.append(old)
      } else {
        sides.1.append(old)
      }
    }
    var a = SimulatedPeer(salt: salt, seed: random.next(), limits: limits)
    var b = SimulatedPeer(salt: salt, seed: random.next(), limits: limits)
    a.fill(sides.0)
    b.fill(sides.1)
    return SimulatedLink(a, b, faults: faults, seed: random.next())
  }

  static let generous: SyncLimits = {
    var limits = SyncLimits()
    limits.bytesPerSecond = 100_000_000
    limits.byteBurst = 100_000_000
    limits.recordsPerSecond = 1_000_000
    limits.recordBurst = 1_000_000
    return limits
  }()

  enum Way: CaseIterable {
    case good, doubling, lossy

    var faults: SimulatedLink.Faults {
      var faults = SimulatedLink.Faults()
      guard self != .good else { return faults }
      faults.jitter = .milliseconds(80)
      faults.lost = self == .lossy ? 100 : 0
      faults.doubled = self == .lossy ? 100 : 400
      return faults
    }
  }

  static let rough = Way.lossy.faults

  /// The newest of each slot of both.
  static func union(_ link: SimulatedLink) -> [SimulatedRecord.Slot: SimulatedRecord] {
    var union: [SimulatedRecord.Slot: SimulatedRecord] = [:]
    for peer in link.peers {
      for record in peer.store.records.values {
        if let other = union[record.slot], other.timestamp >= record.timestamp { continue }
        union[record.slot] = record
      }
    }
    return union
  }

  static func records(_ peer: SimulatedPeer) -> [SimulatedRecord.Slot: SimulatedRecord] {
    Dictionary(uniqueKeysWithValues: peer.store.records.values.map { ($0.slot, $0) })
  }

  /// Both peers have the same records, and these are `union` where it is given.
  static func checkAgreement(
    _ link: SimulatedLink, _ union: [SimulatedRecord.Slot: SimulatedRecord]? = nil,
    at location: SourceLocation = #_sourceLocation
  ) {
    let (mine, theirs) = (records(link.peers[0]), records(link.peers[1]))
    let isSame = mine == theirs && (union == nil || mine == union)
    #expect(isSame, sourceLocation: location)
  }

  /// Of the records that arrived none came twice, and all that came were news.
  static func checkThrift(_ link: SimulatedLink) {
    for peer in link.peers { #expect(Set(peer.arrived).count == peer.arrived.count) }
  }

  @Test(
    "make both tables the newest of both", arguments: [SyncMethod.rateless, .ranges], Way.allCases)
  func agreement(method: SyncMethod, way: Way) {
    var random = TestRandom("Sessions by \(method), \(way)")
    for (common, own, newer) in [
      (0, (0, 5), (0, 0)), (0, (70, 0), (0, 0)), (900, (40, 60), (30, 20)), (300, (0, 0), (1, 0)),
      (300, (0, 0), (0, 1)), (1_500, (300, 500), (100, 200)), (40, (0, 1_500), (0, 0)),
      (0, (800, 900), (0, 0)),
    ] {
      var link = Self.link(
        common: common, own: own, newer: newer, faults: way.faults, &random)
      let union = Self.union(link)
      link.begin(0, session: random.integer(), method: method)
      link.run()
      let report = link.peers[0].reports.first
      #expect(report?.fault == nil && report?.isEqual == false)
      Self.checkAgreement(link, union)
      Self.checkThrift(link)
      #expect(link.peers[0].arrived.count == own.1 + newer.1)
      #expect(link.peers[1].arrived.count == own.0 + newer.0)
      guard way != .lossy else { continue }
      #expect(link.peers[1].reports.first?.fault == nil)
      // Each record crosses once.
      let given = link.peers[0].reports[0].given + link.peers[1].reports[0].given
      #expect(given == own.0 + own.1 + newer.0 + newer.1)
      #expect(report?.stale == newer.0)
    }
  }

  @Test("by filters bring most of what is lacking, and never what is not")
  func filters() {
    var random = TestRandom("Sessions by filters")
    var link = Self.link(
      common: 2_000, own: (100, 400), newer: (0, 0), faults: Self.rough, &random)
    link.begin(0, session: random.integer(), method: .bloom)
    link.run()
    #expect(link.peers[0].reports.first?.fault == nil)
    #expect((370...400).contains(link.peers[0].arrived.count) && link.peers[1].arrived.isEmpty)
    Self.checkThrift(link)
  }

  @Test("fetch nothing of signers that are not wanted, and do not find it a second time")
  func unwanted() {
    var random = TestRandom("Unwanted signers")
    var link = Self.link(common: 600, own: (0, 300), newer: (0, 0), &random)
    let unwanted = (200..<UInt64(250)).map(SimulatedRecord.signer)
    for signer in unwanted {
      link.peers[0].put(
        SimulatedRecord(
          signer: signer, slot: 9, timestamp: WallTime(milliseconds: Self.start)))
      let own = link.peers[0].store.newest.keys.filter { $0.signer == signer && $0.number == 9 }
      for slot in own {
        if let record = link.peers[0].store.newest[slot].flatMap({ link.peers[0].store.records[$0] }
        ) {
          link.peers[1].put(record)
        }
      }
    }
    link.peers[0].store.unwanted = Set(unwanted)
    link.begin(0, session: 1)
    link.run()
    let report = link.peers[0].reports[0]
    #expect(report.declined == 150 && report.wanted == 150 && report.received == 150)
    let signers = link.peers[0].store.records.values.filter { $0.slot.number != 9 }
      .map(\.slot.signer)
    #expect(Set(signers).isDisjoint(with: unwanted))
    link.begin(0, session: 2)
    link.run()
    #expect(link.peers[0].reports[1].isEqual)
    // The other side sees the same.
    link.begin(1, session: 3)
    link.run()
    #expect(link.peers[1].reports.last?.isEqual == true)
    // A score rises.
    link.peers[0].store.unwanted = []
    link.peers[0].book.table.reconsider(unwanted[0])
    link.begin(0, session: 4)
    link.run()
    #expect(link.peers[0].reports.last?.received == 3)
    link.peers[0].book.table.reconsider(before: WallTime(milliseconds: .max))
    link.begin(0, session: 5)
    link.run()
    Self.checkAgreement(link)
    Self.checkThrift(link)
  }

  @Test("of strangers and of one signer fetch what the budgets allow")
  func budgets() {
    var random = TestRandom("Budgets")
    var link = Self.link(common: 30, own: (0, 0), newer: (0, 0), &random)
    link.peers[0].book.budgets = SignerBudgets(
      seed: 5, signer: TokenBucket(interval: .seconds(10), burst: 6),
      strangers: TokenBucket(interval: .seconds(1), burst: 20))
    for slot in 10..<UInt32(60) {
      link.peers[1].put(
        SimulatedRecord(
          signer: SimulatedRecord.signer(0), slot: slot,
          timestamp: WallTime(milliseconds: Self.start)))
      link.peers[1].put(
        SimulatedRecord(
          signer: SimulatedRecord.signer(1_000 + UInt64(slot)), slot: 0,
          timestamp: WallTime(milliseconds: Self.start)))
    }
    link.begin(0, session: 1)
    link.run()
    let report = link.peers[0].reports[0]
    #expect(report.received == 26 && report.deferred == 74 && report.fault == nil)
  }

  @Test("of recent records find those alone, at a cost that the old ones have no part in")
  func hot() {
    var random = TestRandom("Hot scope")
    var link = Self.link(common: 1_500, own: (0, 0), newer: (5, 8), &random)
    for number in 0..<UInt64(500) {
      link.peers[1].put(
        SimulatedRecord(
          signer: SimulatedRecord.signer(number), slot: 77,
          timestamp: WallTime(milliseconds: Self.start - 1_000_000_000)))
    }
    let floor = RecordName.time(of: WallTime(milliseconds: Self.start + 55_000_000))
    link.begin(0, session: 1, floor: floor)
    link.run()
    #expect(link.peers[0].arrived.count == 8 && link.peers[1].arrived.count == 5)
    link.begin(0, session: 2, floor: floor)
    link.run()
    #expect(link.peers[0].reports.last?.isEqual == true)
    link.begin(0, session: 3)
    link.run()
    #expect(link.peers[0].arrived.count == 508)
    Self.checkAgreement(link)
    Self.checkThrift(link)
  }

  @Test("keep to the rate that a peer is given")
  func rate() {
    var random = TestRandom("Rate")
    var link = Self.link(
      common: 100, own: (1_500, 1_500), newer: (0, 0), limits: SyncLimits(), &random)
    link.begin(0, session: 1)
    var sent = 0
    for second in 1...60 {
      link.run(for: .seconds(1))
      let bytes = link.bytes.max() ?? 0
      #expect(bytes <= 65_536 * (second + 1) + 3_000)
      sent = bytes
    }
    #expect(sent > 65_536 * 3)
    link.run()
    Self.checkAgreement(link)
  }

  @Test("tell copies of requests, and take late ones")
  func serials() {
    var random = TestRandom("Serials")
    var window = SerialWindow()
    var taken: Set<UInt16> = []
    var highest: UInt16 = 0
    for _ in 0..<3_000 {
      let near = Int(highest) + Int(random.next() % 140) - 100
      let serial = UInt16(clamping: random.oneIn(100) ? near + 500 : max(1, near))
      let isNew = !taken.contains(serial) && Int(serial) > Int(highest) - 64
      let isTaken = window.take(serial)
      #expect(isTaken == isNew)
      if isNew { taken.insert(serial) }
      highest = max(highest, serial)
    }
  }

  @Test("with another salt end at once")
  func otherSalt() {
    var random = TestRandom("Other salt")
    var link = Self.link(common: 10, own: (1, 1), newer: (0, 0), &random)
    link.peers[1].session = SyncSession(salt: SyncSalt(k0: 9, k1: 9), scope: 1)
    link.begin(0, session: 1)
    link.run()
    #expect(link.peers[0].reports.first?.fault == .otherSalt)
    #expect(link.messages[0] + link.messages[1] == 2)
  }
}
