import TestVectors
import Testing

@testable import IPv8Sync

@Suite("Power sums (docs/protocol/sync.md, Symbols)")
struct FieldTests {
  /// Mean over so many draws.
  private static let repetitions = 16

  private static func element(_ random: inout TestRandom) -> SyncElement {
    SyncElement(tag: random.integer(), name: RecordName(random.next()))
  }

  private static func hexadecimal(_ sums: PowerSums, _ index: Int) -> String {
    var bytes: [UInt8] = []
    sums.append(to: &bytes)
    return bytes[index * 12..<index * 12 + 12].map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }.joined()
  }

  @Test("multiply, square and divide as a field does")
  func field() {
    var random = TestRandom("Field")
    let one = Field96.one
    for _ in 0..<300 {
      let a = Field96(Self.element(&random))
      let b = Field96(Self.element(&random))
      let c = Field96(Self.element(&random))
      #expect(a * b == b * a && (a * b) * c == a * (b * c) && a * (b ^ c) == a * b ^ a * c)
      #expect(a * one == a && a * .zero == .zero && a.squared == a * a)
      #expect(a.inverse * a == one)
      #expect(a.element == Field96(a.element).element)
    }
    // The reduction of the least power that needs one.
    let half = Field96(power: 48)
    let tail = Field96(power: 10) ^ Field96(power: 9) ^ Field96(power: 6) ^ one
    #expect(half * half == tail && half.squared == tail)
  }

  @Test("are as frozen here: all peers have to agree")
  func frozen() {
    var sums = PowerSums()
    sums.add(SyncElement(tag: 0x0102_0304, name: RecordName(0x0506_0708_090a_0b0c)))
    sums.add(SyncElement(tag: 0xf0e0_d0c0, name: RecordName(0xb0a0_9080_7060_5040)))
    #expect(Self.hexadecimal(sums, 0) == "f1e2d3c4b5a69788796a5b4c")
    #expect(Self.hexadecimal(sums, 1) == "69dd5080f34f4618ab2e4ceb")
    #expect(Self.hexadecimal(sums, 11) == "568c4323c61bb5c992dedede")
  }

  @Test("tell up to 11 elements that only one of two sets has, and that there are more")
  func elements() throws {
    var random = TestRandom("Power sums")
    for number in 0...16 {
      for _ in 0..<4 {
        let common = (0..<20).map { _ in Self.element(&random) }
        let apart = (0..<number).map { _ in Self.element(&random) }
        var mine = PowerSums()
        var theirs = PowerSums()
        for element in common {
          mine.add(element)
          theirs.add(element)
        }
        for element in apart {
          if random.oneIn(2) { mine.add(element) } else { theirs.add(element) }
        }
        theirs.add(mine)
        let found = try theirs.elements()
        if number > PowerSums.capacity {
          #expect(found == nil)
        } else {
          #expect(found?.count == number && found.map(Set.init) == Set(apart))
        }
      }
    }
  }

  @Test("of no set are told from those of one")
  func contradictions() {
    var random = TestRandom("Sums of no set")
    var isFound = [false, false, false]
    for number in 1...PowerSums.capacity {
      for _ in 0..<6 {
        var sums = PowerSums()
        for _ in 0..<number { sums.add(Self.element(&random)) }
        var bytes: [UInt8] = []
        sums.append(to: &bytes)
        bytes[Int(random.next() % UInt64(bytes.count))] ^= 1 << UInt8(random.next() % 8)
        do throws(SyncFault) {
          isFound[try PowerSums(bytes.rawSpan, at: 0).elements() == nil ? 0 : 1] = true
        } catch {
          isFound[2] = error == .contradictory
        }
      }
    }
    #expect(isFound[0] && !isFound[1])
  }

  @Test("of polynomials with roots elsewhere find none, and with all in the field find all")
  func roots() {
    var random = TestRandom("Polynomials")
    var unsolvable = 0
    for degree in 1...PowerSums.capacity {
      for _ in 0..<3 {
        let roots = (0..<degree).map { _ in Field96(Self.element(&random)) }
        // (y + r) for each.
        var product = [Field96.one]
        for root in roots {
          let shifted = [.zero] + product
          product = zip(shifted, product.map { $0 * root } + [.zero]).map { $0 ^ $1 }
        }
        let found = FieldPolynomial(rest: product.dropLast()).roots
        #expect(found.map(Set.init) == Set(roots))
        let noise = (0..<degree).map { _ in Field96(Self.element(&random)) }
        if FieldPolynomial(rest: noise).roots == nil { unsolvable += 1 }
      }
    }
    let twice = Field96(Self.element(&random))
    // (y + r)² has one root only.
    #expect(FieldPolynomial(rest: [twice.squared, .zero]).roots == nil)
    #expect(unsolvable > 20)
  }

  @Test("with tallies and void symbols tell about how many differences there are")
  func estimates() throws {
    var random = TestRandom("Estimates")
    for number in [40, 400] {
      var ratios = [0.0, 0.0]
      for _ in 0..<Self.repetitions {
        let salt = SyncSalt(k0: random.next(), k1: random.next())
        var mine = Sketch(salt: salt, symbolCount: 2 * number)
        var theirs = Sketch(salt: salt, symbolCount: 2 * number)
        for index in 0..<number + 500 {
          let element = Self.element(&random)
          if index >= number || index % 3 == 0 { mine.insert(element) }
          if index >= number || index % 3 != 0 { theirs.insert(element) }
        }
        let peer = SetSummary(count: theirs.count, digest: theirs.digest)
        var decoder = SymbolDecoder(own: mine, peer: peer, beginning: SketchBeginning(theirs))
        ratios[0] += Double(decoder.estimate) / Double(number) / Double(Self.repetitions)
        let first = number / 10
        for start in stride(from: first, to: first + number, by: 20) {
          try decoder.add(Array(theirs.symbols[start..<start + 20]), first: start)
        }
        ratios[1] += Double(decoder.estimate) / Double(number) / Double(Self.repetitions)
      }
      #expect((0.6...1.5).contains(ratios[0]) && (0.75...1.4).contains(ratios[1]), "\(ratios)")
    }
  }
}
