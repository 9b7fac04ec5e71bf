import IPv8Wire
import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Ways to find differences, each against the difference of two sets")
struct ReconciliationTests {
  static let salt = SyncSalt(k0: 1, k1: 2)

  struct Sides {
    var mine = RecordTable(seed: 1)
    var theirs = RecordTable(seed: 2)
    var lacking: Set<SyncElement> = []
    var extra: Set<SyncElement> = []
  }

  static func sides(
    common: Int, lacking: Int, extra: Int, span: UInt64 = 90_000_000, _ random: inout TestRandom
  ) -> Sides {
    var sides = Sides()
    var seen: Set<SyncElement> = []
    while seen.count < common + lacking + extra {
      let record = SimulatedRecord(
        signer: SimulatedRecord.signer(random.next() % 5_000), slot: UInt32(random.next() % 8),
        timestamp: WallTime(milliseconds: 1_790_000_000_000 + random.next() % span),
        rest: random.next()
      ).summary
      let element = SyncElement(tag: salt.tag(SignerKey(record.signer)), name: record.name)
      let number = seen.count
      guard seen.insert(element).inserted else { continue }
      if number < common + lacking { sides.theirs.insert(record) }
      if number < common || number >= common + lacking { sides.mine.insert(record) }
      if number >= common + lacking {
        sides.extra.insert(element)
      } else if number >= common {
        sides.lacking.insert(element)
      }
    }
    return sides
  }

  /// Asks and answers until the differences are known; `drops` says which answers get lost.
  static func run(
    _ way: inout some Reconciliation, _ answer: inout some ReconciliationAnswer, _ sides: Sides,
    peer: SetSummary, _ random: inout TestRandom, lossy: Bool = false
  ) throws -> (bytes: Int, rounds: Int) {
    var requests = [way.start(sides.mine)]
    way.learn(peer)
    var bytes = 0
    var rounds = 0
    while way.differences == nil, rounds < 500 {
      rounds += 1
      var answers: [[UInt8]] = []
      for request in requests {
        bytes += request.count
        answers += try answer.answer(request, sides.theirs)
      }
      #expect(answers.allSatisfy { $0.count <= SyncMessage.answerLimit })
      if lossy {
        answers.removeAll { _ in random.oneIn(5) }
        answers += answers.filter { _ in random.oneIn(5) }
        answers.shuffle(using: &random)
      }
      requests = []
      for message in answers {
        bytes += message.count
        requests += try way.receive(message, sides.mine)
        if way.differences != nil { break }
      }
      if requests.isEmpty, way.differences == nil { requests = way.retry(sides.mine) }
      if lossy { requests.removeAll { _ in random.oneIn(8) } }
    }
    return (bytes, rounds)
  }

  /// Exactly the differences, each once.
  static func isRight(_ found: Differences?, _ sides: Sides) -> Bool {
    guard let found else { return false }
    return Set(found.lacking) == sides.lacking && Set(found.extra) == sides.extra
      && found.lacking.count == sides.lacking.count && found.extra.count == sides.extra.count
  }

  static func sketch(_ table: inout RecordTable) -> Sketch {
    _ = table.prepare(salt: salt)
    return table.sketch(salt: salt, floor: 0) ?? Sketch(salt: salt, symbolCount: 1)
  }

  static let shapes: [(common: Int, lacking: Int, extra: Int)] = [
    (0, 0, 1), (0, 1, 0), (0, 3, 2), (500, 0, 1), (500, 1, 0), (400, 5, 6), (400, 12, 0),
    (400, 6, 7), (900, 20, 5), (2_000, 30, 30), (3_000, 200, 0),
    (3_000, 0, 300), (1_500, 1_000, 500), (0, 400, 0), (0, 0, 400), (30, 2_000, 2_000),
  ]

  @Test("symbols find all differences and nothing else", arguments: [false, true])
  func rateless(lossy: Bool) throws {
    var random = TestRandom("Symbols")
    for shape in Self.shapes {
      var sides = Self.sides(
        common: shape.common, lacking: shape.lacking, extra: shape.extra, &random)
      let theirs = Self.sketch(&sides.theirs)
      var way = RatelessReconciliation(own: Self.sketch(&sides.mine), floor: 0)
      var answer = RatelessAnswer(sketch: theirs)
      _ = try Self.run(
        &way, &answer, sides, peer: SetSummary(count: theirs.count, digest: theirs.digest),
        &random, lossy: lossy)
      let isRight = Self.isRight(way.differences, sides)
      #expect(isRight, "\(shape)")
    }
  }

  @Test("symbols that give an element twice contradict each other")
  func twice() {
    var random = TestRandom("Elements given twice")
    for _ in 0..<20 {
      let own = Sketch(salt: Self.salt, symbolCount: 64)
      var theirs = own
      theirs.insert(SyncElement(tag: random.integer(), name: RecordName(random.next())))
      var decoder = SymbolDecoder(
        own: own, peer: SetSummary(count: 2, digest: random.next()),
        beginning: SketchBeginning(theirs))
      var symbols = theirs.symbols
      // Without the element in it: what is left when it is taken out is the element again.
      guard let other = symbols.lastIndex(where: { !$0.isVoid }), other > 0 else { continue }
      symbols[other] = CodedSymbol()
      #expect(throws: SyncFault.contradictory) { try decoder.add(symbols, first: 0) }
    }
  }

  @Test("ranges find all differences and nothing else", arguments: [false, true])
  func ranges(lossy: Bool) throws {
    var random = TestRandom("Ranges")
    for shape in Self.shapes {
      // Now and then many of one time, or all.
      let span: UInt64 = [90_000_000, 60_000, 1].randomElement(using: &random) ?? 1
      let sides = Self.sides(
        common: shape.common, lacking: shape.lacking, extra: shape.extra, span: span, &random)
      var way = RangeReconciliation(salt: Self.salt)
      var answer = RangeAnswer(salt: Self.salt, floor: 0)
      _ = try Self.run(
        &way, &answer, sides, peer: SetSummary(count: 0, digest: 0), &random, lossy: lossy)
      let isRight = Self.isRight(way.differences, sides)
      #expect(isRight, "\(shape)")
    }
  }

  @Test("filters find nearly all that is lacking and nothing else", arguments: [false, true])
  func bloom(lossy: Bool) throws {
    var random = TestRandom("Filters")
    var missed = 0
    var all = 0
    for shape in Self.shapes {
      let sides = Self.sides(
        common: shape.common, lacking: shape.lacking, extra: shape.extra, &random)
      var way = BloomReconciliation(salt: Self.salt, round: random.integer())
      var answer = BloomAnswer(salt: Self.salt, floor: 0)
      _ = try Self.run(
        &way, &answer, sides, peer: SetSummary(count: 0, digest: 0), &random, lossy: lossy)
      let found = Set(way.differences?.lacking ?? [])
      let isLacking = found.isSubset(of: sides.lacking)
      #expect(way.differences != nil && isLacking)
      missed += sides.lacking.count - found.count
      all += sides.lacking.count
    }
    #expect(missed * 30 < all)
  }

  @Test("range messages are read as written")
  func rangeMessages() {
    var random = TestRandom("Range messages")
    for _ in 0..<300 {
      var items: [RangeItem] = []
      var lower = random.oneIn(3) ? 0 : random.next() >> 20
      for _ in 0..<Int(random.next() % 200) {
        let upper = lower + 1 + (random.next() >> (14 + random.next() % 30))
        let range = NameRange(lower: lower, upper: upper)
        switch random.next() % 4 {
        case 0: items.append(RangeItem(range: range, content: .fingerprint(random.next())))
        case 1: items.append(RangeItem(range: range, content: .list))
        case 2: items.append(RangeItem(range: range, content: .same))
        default:
          let name = RecordName(upper - 1)
          let elements = (0..<random.next() % 5).map { _ in
            SyncElement(tag: random.integer(), name: name)
          }
          items.append(RangeItem(range: range, content: .elements(elements)))
        }
        lower = random.oneIn(3) ? upper + (random.next() >> 30) : upper
      }
      if let last = items.popLast() {
        items.append(
          RangeItem(range: NameRange(lower: last.range.lower, upper: nil), content: .same))
      }
      let messages = RangeMessage.messages(items)
      #expect(messages.allSatisfy { $0.count <= RangeMessage.byteLimit })
      #expect(messages.flatMap { RangeMessage.parse($0) ?? [] } == items)
    }
  }
}
