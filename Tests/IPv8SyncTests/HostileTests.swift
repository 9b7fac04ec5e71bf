import IPv8Wire
import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Peers that lie (docs/protocol/sync.md, Limits)")
struct HostileTests {
  private static func link(_ random: inout TestRandom, own: Int = 50) -> SimulatedLink {
    SessionTests.link(common: 300, own: (own, own), newer: (0, 0), &random)
  }

  /// Runs a session of peer 0 whose answers are changed by `change`.
  private static func run(
    _ link: inout SimulatedLink, method: SyncMethod = .rateless,
    _ change: @escaping (SyncMessage) -> SyncMessage?
  ) -> SyncReport? {
    link.tamper = { from, body in
      guard from == 1, let message = SyncMessage(body) else { return body }
      return change(message)?.body
    }
    link.begin(0, session: 7, method: method)
    link.run()
    return link.peers[0].reports.first
  }

  private static func answer(_ content: SyncMessage.Content) -> SyncMessage {
    SyncMessage(7, isFromAnswerer: true, content)
  }

  @Test("with symbols without end get no further than the sketch has symbols")
  func endless() {
    var random = TestRandom("Endless symbols")
    var link = Self.link(&random)
    var noise = random
    let report = Self.run(&link) { message in
      guard case .tell(let answer) = message.content else { return message }
      return Self.answer(.tell(Array(answer.prefix(2)) + noise.bytes(answer.count - 2)))
    }
    #expect(report?.fault == .tooMany && link.peers[0].arrived.isEmpty)
    let bound = SyncLimits.symbolLimit * CodedSymbol.byteCount * 11 / 10
    #expect(link.bytes[1] < bound, "\(link.bytes[1]) bytes")
  }

  @Test(
    "about the digest or the number of their records bring nothing about", arguments: [0, 1, 2])
  func summary(part: Int) {
    var random = TestRandom("Wrong summaries")
    var link = Self.link(&random)
    let report = Self.run(&link) { message in
      guard case .state(let summary?, let answer) = message.content else { return message }
      let other = SetSummary(
        count: summary.count + [1, 100_000, 0][part], digest: summary.digest ^ [0, 0, 1][part])
      return Self.answer(.state(other, answer: answer))
    }
    #expect(report?.fault == .tooMany || report?.fault == .contradictory)
    #expect(link.peers[0].arrived.isEmpty)
  }

  @Test("with symbols that nobody asked for are found out")
  func unaskedSymbols() {
    var random = TestRandom("Unasked symbols")
    var link = Self.link(&random)
    let report = Self.run(&link) { message in
      guard case .tell(let answer) = message.content else { return message }
      return Self.answer(.tell([0x30, 0] + answer.dropFirst(2)))
    }
    #expect(report?.fault == .unasked)
  }

  @Test("with power sums of no set are found out, and with others' only make it dearer")
  func wrongSums() {
    var random = TestRandom("Wrong power sums")
    for number in [1, 5, 11, 40] {
      var link = Self.link(&random, own: number)
      let union = SessionTests.union(link)
      var noise = random
      _ = random.next()
      let report = Self.run(&link) { message in
        guard case .state(let summary?, let answer) = message.content else { return message }
        let sums = noise.bytes(PowerSums.byteCount)
        let tallies = answer.dropFirst(PowerSums.byteCount)
        return Self.answer(.state(summary, answer: sums + tallies))
      }
      #expect(report?.fault == nil && report?.lacking == number)
      SessionTests.checkAgreement(link, union)
    }
    var link = Self.link(&random, own: 2)
    let report = Self.run(&link) { message in
      guard case .state(let summary?, let answer) = message.content else { return message }
      // The sums of one element more.
      var sums = PowerSums(answer.rawSpan, at: 0)
      sums.add(SyncElement(tag: 1, name: RecordName(time: 90, slot: 1, version: 1)))
      var bytes: [UInt8] = []
      sums.append(to: &bytes)
      let tallies = answer.dropFirst(PowerSums.byteCount)
      return Self.answer(.state(summary, answer: bytes + tallies))
    }
    #expect(report?.fault == .contradictory && link.peers[0].arrived.isEmpty)
  }

  @Test("with records that nobody asked for are found out")
  func unaskedRecords() {
    var random = TestRandom("Unasked records")
    var link = Self.link(&random)
    let unasked = SimulatedRecord(
      signer: SimulatedRecord.signer(77_777), slot: 0,
      timestamp: WallTime(milliseconds: SessionTests.start))
    let report = Self.run(&link) { message in
      guard case .give(let records) = message.content else { return message }
      return Self.answer(.give([unasked.bytes] + records.dropFirst()))
    }
    #expect(report?.fault == .unasked)
    #expect(!link.peers[0].arrived.contains(unasked.summary.id))
  }

  @Test("with another signer's record of the same name give nothing")
  func otherSigner() {
    var random = TestRandom("Records of others")
    var link = Self.link(&random)
    let report = Self.run(&link) { message in
      guard case .give = message.content else { return message }
      return Self.answer(.give([[1, 2, 3]]))
    }
    #expect(report?.fault == .malformed && link.peers[0].arrived.isEmpty)
  }

  @Test("with differences that are none are found out", arguments: [true, false])
  func invented(isOwn: Bool) {
    var random = TestRandom("Invented differences")
    var link = Self.link(&random, own: 1)
    var sketch = Self.sketch(&link.peers[1].book.table)
    if isOwn {
      // This host would have a record that it has not.
      sketch.remove(SyncElement(tag: 1, name: RecordName(time: 90, slot: 1, version: 1)))
    } else if let record = link.peers[0].store.records.values.first(where: {
      link.peers[1].store.records[$0.summary.id] != nil
    }) {
      // It would lack one that it has.
      let tag = SessionTests.salt.tag(SignerKey(record.slot.signer))
      sketch.insert(SyncElement(tag: tag, name: record.summary.name))
    }
    let forged = sketch
    let report = Self.run(&link) { message in
      switch message.content {
      case .state:
        return Self.answer(
          .state(
            SetSummary(count: forged.count, digest: forged.digest),
            answer: SketchBeginning(forged).bytes))
      default: return message
      }
    }
    #expect(report?.fault == .contradictory)
    #expect(link.peers[0].arrived.isEmpty)
  }

  private static func sketch(_ table: inout RecordTable) -> Sketch {
    _ = table.prepare(salt: SessionTests.salt)
    return table.sketch(salt: SessionTests.salt, floor: 0)
      ?? Sketch(salt: SessionTests.salt, symbolCount: 1)
  }

  @Test("by giving nothing of what they say they have are found out")
  func withheld() {
    var random = TestRandom("Withheld records")
    var link = Self.link(&random)
    link.peers[1].store.records = [:]
    link.tamper = nil
    link.begin(0, session: 7)
    link.run()
    #expect(link.peers[0].reports.first?.fault == .withheld)
    #expect(link.peers[0].reports.first?.absent == 50)
  }

  @Test("by silence hold nothing for long")
  func silence() {
    var random = TestRandom("Silence")
    for type: UInt8 in [2, 4, 6] {
      var link = Self.link(&random)
      let report = Self.run(&link) { $0.body[0] & 0x7f == type ? nil : $0 }
      #expect(report?.fault == .silent)
      #expect(!link.peers[0].session.isAsking && !link.peers[1].session.isAnswering)
    }
  }

  @Test("with floods of requests cost bounded memory and the rate that they are given")
  func floods() {
    var random = TestRandom("Floods")
    var link = SessionTests.link(
      common: 300, own: (0, 0), newer: (0, 0), limits: SyncLimits(), &random)
    let table = link.peers[1].book.table
    link.inject(
      SyncMessage(
        1, isFromAnswerer: false,
        .hello(
          SyncMessage.Hello(
            method: 1, scope: 1, floor: 0, mark: SessionTests.salt.mark,
            summary: SetSummary(count: 1, digest: 1),
            request: []))
      ).body, to: 1)
    for serial in 1...UInt16(8_000) {
      let content: SyncMessage.Content =
        switch serial % 4 {
        case 0: .ask(serial: serial, SymbolRequest.bytes(0..<2_048))
        case 1: .want(serial: serial, (0..<128).map { _ in RecordName(random.next()) })
        case 2:
          .offer(
            serial: serial,
            (0..<90).map { _ in SyncElement(tag: random.integer(), name: RecordName(random.next()))
            })
        default: .ask(serial: serial, SymbolRequest.bytes(1..<2))
        }
      link.inject(SyncMessage(1, isFromAnswerer: false, content).body, to: 1)
    }
    #expect(link.bytes[1] <= 65_536 + 3 * link.messages[1])
    link.run(for: .seconds(10))
    #expect(link.bytes[1] <= 65_536 * 12)
    #expect(link.peers[1].book.table.count == table.count)
    #expect(link.peers[1].arrived.isEmpty)
  }

  @Test("that begin without end, or offend again, are turned away for a while")
  func barred() {
    var random = TestRandom("Offenders")
    var link = Self.link(&random)
    for number in 1...UInt32(100) {
      link.inject(
        SyncMessage(
          number, isFromAnswerer: false,
          .hello(
            SyncMessage.Hello(
              method: 1, scope: 1, floor: number, mark: SessionTests.salt.mark,
              summary: SetSummary(count: 1, digest: 1),
              request: []))
        ).body, to: 1)
    }
    #expect(link.peers[1].book.table.sketches.shelved.count <= SketchShelf.saltLimit)
    #expect(link.peers[1].reports.count <= 8)
    #expect(!link.peers[0].session.isBarred(at: link.moment))
    for _ in 0..<3 { link.inject([1, 2], to: 0) }
    #expect(!link.peers[0].session.isBarred(at: link.moment))
    link.inject([], to: 0)
    #expect(link.peers[0].session.isBarred(at: link.moment))
    link.begin(0, session: 1)
    #expect(!link.peers[0].session.isAsking)
    link.run(for: .seconds(3_500))
    #expect(link.peers[0].session.isBarred(at: link.moment))
    link.run(for: .seconds(200))
    link.begin(0, session: 2)
    link.run()
    SessionTests.checkAgreement(link)
  }

  @Test("with any changes of any messages break nothing and bring nothing in that is not theirs")
  func mutations() {
    var random = TestRandom("Changed messages")
    for method in SyncMethod.allCases {
      for _ in 0..<40 {
        var link = Self.link(&random)
        let union = SessionTests.union(link)
        var noise = random
        link.tamper = { _, body in
          guard noise.oneIn(4), !body.isEmpty else { return body }
          var body = body
          for _ in 0...(noise.next() % 3) {
            let place = Int(noise.next() % UInt64(body.count))
            switch noise.next() % 4 {
            case 0: body[place] ^= 1 << UInt8(noise.next() % 8)
            case 1: body[place] = noise.oneIn(2) ? 0xff : 0
            case 2: body = Array(body.prefix(place + 1))
            default: body = Array((body + noise.bytes(9)).prefix(SyncLimits.messageLimit))
            }
          }
          return body
        }
        link.begin(0, session: 7, method: method)
        link.begin(1, session: 8, method: method)
        link.run()
        _ = random.next()
        for peer in link.peers {
          #expect(!peer.session.isAsking && !peer.session.isAnswering)
          #expect(peer.book.table.count == peer.store.records.count)
          let new = Set(peer.store.records.values.map(\.slot)).subtracting(union.keys)
          #expect(new.isEmpty)
        }
      }
    }
  }
}
