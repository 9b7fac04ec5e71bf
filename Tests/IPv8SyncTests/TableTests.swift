import IPv8Crypto
import IPv8Wire
import SyncSimulator
import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Tables and sketches (docs/protocol/sync.md, Elements and Symbols)")
struct TableTests {
  static let salt = SyncSalt(k0: 0x0706_0504_0302_0100, k1: 0x0f0e_0d0c_0b0a_0908)

  static func record(_ random: inout TestRandom, signers: UInt64 = 40) -> RecordSummary {
    SimulatedRecord(
      signer: SimulatedRecord.signer(random.next() % signers),
      slot: UInt32(random.next() % 50),
      timestamp: WallTime(milliseconds: 1_790_000_000_000 + random.next() % 100_000_000),
      rest: random.next()
    ).summary
  }

  @Test("hash elements and signers by SipHash-2-4 with 128 bits, as libsodium does")
  func sipHash() {
    let secret: [UInt8] = Array(0..<16)
    let key = SecretBytes(copying: secret.rawSpan)
    var random = TestRandom("SipHash")
    for _ in 0..<200 {
      let element = SyncElement(tag: random.integer(), name: RecordName(random.next()))
      var bytes: [UInt8] = []
      element.append(to: &bytes)
      let digest = SipHash.hash128(bytes, key: key)
      let (low, high) = Self.salt.hash(element)
      let first = digest.rawSpan.bigEndian(UInt64.self, at: 0)
      let second = digest.rawSpan.bigEndian(UInt64.self, at: 8)
      #expect(low.byteSwapped == first && high.byteSwapped == second)
      let signer = SimulatedRecord.signer(random.next())
      // 12 bits of the PermID, 20 of the hash.
      let whole = SipHash.hash128(signer.bytes, key: key)
      let hashed = whole.rawSpan.bigEndian(UInt32.self, at: 0).byteSwapped & 0xf_ffff
      let head = UInt32(signer.bytes[0]) << 24 | UInt32(signer.bytes[1] & 0xf0) << 16
      #expect(Self.salt.tag(SignerKey(signer)) == head | hashed)
    }
  }

  @Test("map an element to symbols as frozen here: all peers have to agree")
  func frozenMapping() {
    var mapping = SymbolMapping(seed: 0x0123_4567_89ab_cdef)
    var indices: [Int] = []
    for _ in 0..<12 {
      indices.append(mapping.index)
      mapping.advance()
    }
    #expect(indices == [0, 1, 2, 4, 6, 8, 20, 24, 34, 36, 126, 153])
  }

  @Test("hold an element in symbol i with probability 1 / (1 + i / 2)")
  func density() {
    var random = TestRandom("Density")
    var counts = [Int](repeating: 0, count: 64)
    let rounds = 40_000
    for _ in 0..<rounds {
      var mapping = SymbolMapping(seed: random.next())
      while mapping.index < counts.count {
        counts[mapping.index] += 1
        mapping.advance()
      }
    }
    #expect(counts[0] == rounds)
    for index in 1..<64 {
      let expected = SymbolMapping.density(index) * Double(rounds)
      // The mapping keeps to it within 4%: its gaps are whole numbers.
      let apart = abs(Double(counts[index]) - expected)
      #expect(apart < 0.04 * expected + 6 * expected.squareRoot())
    }
  }

  @Test("agree with a sorted list after any insertions and removals")
  func oracle() {
    var random = TestRandom("Table against a list")
    var table = RecordTable(seed: random.next())
    var list: [RecordSummary] = []
    for step in 0..<6_000 {
      if random.oneIn(3), !list.isEmpty {
        let place = Int(random.next() % UInt64(list.count))
        let wasThere = table.remove(list.remove(at: place))
        #expect(wasThere)
      } else {
        let record = Self.record(&random)
        let isNew = !list.contains { $0.name == record.name && $0.signer == record.signer }
        let isTaken = table.insert(record)
        #expect(isTaken == isNew)
        if isNew { list.append(record) }
      }
      guard step % 200 == 0 else { continue }
      #expect(table.count == list.count)
      let bounds = [random.next() >> 18 | 6 << 40, random.next()].sorted()
      let range = NameRange(lower: bounds[0], upper: random.oneIn(4) ? nil : bounds[1])
      var sum = RecordSum()
      for record in list where range.contains(record.name.value) { sum.add(record.id) }
      #expect(table.sum(range) == sum)
      let all = NameRange(lower: 0, upper: nil)
      let parts = table.split(all, count: table.count, parts: 16)
      #expect(parts.first?.lower == 0 && parts.last?.upper == nil)
      #expect(zip(parts, parts.dropFirst()).allSatisfy { $0.upper == $1.lower })
      #expect(parts.reduce(0) { $0 + table.sum($1).count } == list.count)
      var names: [RecordName] = []
      table.visit(all) {
        names.append($0.name); return true
      }
      #expect(names == list.map(\.name).sorted())
    }
    for record in list {
      let wasThere = table.remove(record)
      #expect(wasThere)
    }
    let again = table.remove(list[0])
    #expect(table.count == 0 && table.leaves.isEmpty && !again)
  }

  @Test("keep a sketch that equals a new one, while it is made and afterwards")
  func incremental() {
    var random = TestRandom("Sketches")
    for _ in 0..<20 {
      var table = RecordTable(seed: random.next())
      var list: [RecordSummary] = []
      for _ in 0..<700 {
        let record = Self.record(&random)
        if table.insert(record) { list.append(record) }
      }
      let floor: UInt32 = random.oneIn(2) ? 0 : list[0].name.time
      var isWhole = false
      var steps = 0
      while !isWhole || steps < 60 {
        if !isWhole {
          isWhole = table.prepare(salt: Self.salt, floor: floor, budget: 37, symbolCount: 128)
        }
        steps += 1
        let record = Self.record(&random)
        if table.insert(record) { list.append(record) }
        let wasThere = table.remove(list.remove(at: Int(random.next() % UInt64(list.count))))
        #expect(wasThere)
      }
      var fresh = Sketch(salt: Self.salt, symbolCount: 128)
      for record in list where record.name.time >= floor {
        fresh.insert(SyncElement(tag: Self.salt.tag(SignerKey(record.signer)), name: record.name))
      }
      let kept = table.sketch(salt: Self.salt, floor: floor)
      #expect(kept?.symbols == fresh.symbols)
      #expect(kept?.digest == fresh.digest && kept?.count == fresh.count)
      #expect(kept?.sums == fresh.sums && kept?.tallies == fresh.tallies)
    }
  }

  @Test("number signers, and find them by their tags")
  func signers() {
    var random = TestRandom("Signers")
    var signers = SignerTable(seed: random.next())
    var uses: [PermID: (number: UInt32, count: Int)] = [:]
    for _ in 0..<5_000 {
      let signer = SimulatedRecord.signer(random.next() % 300)
      let key = SignerKey(signer)
      if let (number, count) = uses[signer], random.oneIn(2) {
        #expect(signers.number(of: key) == number)
        signers.release(number)
        uses[signer] = count == 1 ? nil : (number, count - 1)
      } else {
        let number = signers.use(key)
        if let old = uses[signer] { #expect(number == old.number) }
        uses[signer] = (number, (uses[signer]?.count ?? 0) + 1)
      }
    }
    for number in 0..<UInt64(300) {
      let signer = SimulatedRecord.signer(number)
      #expect(signers.number(of: SignerKey(signer)) == uses[signer]?.number)
    }
    var table = RecordTable(seed: 1)
    for _ in 0..<200 { table.insert(Self.record(&random)) }
    for number in 0..<UInt64(60) {
      let signer = SimulatedRecord.signer(number)
      let isThere = table.signers.number(of: SignerKey(signer)) != nil
      let tag = Self.salt.tag(SignerKey(signer))
      let found = table.signers.signers(of: [tag, tag ^ 1], salt: Self.salt)
      #expect(found == (isThere ? [tag: signer] : [:]))
    }
  }
}
