/// A member of the field of 2^96: a polynomial over two modulo x^96 + x^10 + x^9 + x^6 + 1, the
/// coefficient of x^n being bit n.
struct Field96: Hashable, Sendable {
  static let zero = Field96(high: 0, low: 0)
  static let one = Field96(high: 0, low: 1)
  static let bitCount = 96

  /// Bits 64 to 95.
  private let high: UInt64
  private let low: UInt64

  @inline(__always)
  private init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// x^`power`, below the field's own.
  init(power: Int) {
    precondition((0..<Self.bitCount).contains(power), "a power that needs no reduction")
    high = power < 64 ? 0 : 1 << UInt64(power - 64)
    low = power < 64 ? 1 << UInt64(power) : 0
  }

  init(_ element: SyncElement) {
    high = UInt64(element.tag)
    low = element.name.value
  }

  var element: SyncElement {
    SyncElement(tag: UInt32(truncatingIfNeeded: high), name: RecordName(low))
  }

  @inline(__always)
  static func ^ (a: Field96, b: Field96) -> Field96 {
    Field96(high: a.high ^ b.high, low: a.low ^ b.low)
  }
  @inline(__always)
  static func ^= (a: inout Field96, b: Field96) { a = a ^ b }
  static func * (a: Field96, b: Field96) -> Field96 { Factor(a) * b }

  /// What many are multiplied by: its multiples by four bits.
  struct Factor: ~Copyable {
    /// Low and high words in turn.
    private var multiples = InlineArray<32, UInt64>(repeating: 0)

    @inline(__always)
    init(_ factor: Field96) {
      var multiples = multiples.mutableSpan
      for index in stride(from: 2, to: 32, by: 2) {
        if index & 2 == 2 {
          multiples[index] = multiples[index &- 2] ^ factor.low
          multiples[index &+ 1] = multiples[index &- 1] ^ factor.high
        } else {
          let half = index &>> 1
          multiples[index] = multiples[half] &<< 1
          multiples[index &+ 1] = multiples[half &+ 1] &<< 1 | multiples[half] &>> 63
        }
      }
    }

    @inline(__always)
    static func * (a: borrowing Factor, b: Field96) -> Field96 {
      let multiples = a.multiples.span
      // Each third of 32 bits by itself: 127 bits at most.
      var low0: UInt64 = 0
      var low1: UInt64 = 0
      var middle0: UInt64 = 0
      var middle1: UInt64 = 0
      var high0: UInt64 = 0
      var high1: UInt64 = 0
      var shift: UInt64 = 32
      while shift > 0 {
        shift &-= 4
        let first = Int(truncatingIfNeeded: b.low &>> shift & 15) &* 2
        low1 = low1 &<< 4 | low0 &>> 60
        low0 = low0 &<< 4 ^ multiples[first]
        low1 ^= multiples[first &+ 1]
        let second = Int(truncatingIfNeeded: b.low &>> (shift &+ 32) & 15) &* 2
        middle1 = middle1 &<< 4 | middle0 &>> 60
        middle0 = middle0 &<< 4 ^ multiples[second]
        middle1 ^= multiples[second &+ 1]
        let third = Int(truncatingIfNeeded: b.high &>> shift & 15) &* 2
        high1 = high1 &<< 4 | high0 &>> 60
        high0 = high0 &<< 4 ^ multiples[third]
        high1 ^= multiples[third &+ 1]
      }
      return Field96(
        reducing: low0 ^ middle0 &<< 32, low1 ^ middle0 &>> 32 ^ middle1 &<< 32 ^ high0,
        middle1 &>> 32 ^ high1)
    }
  }

  /// 192 bits, the lowest first.
  @inline(__always)
  private init(reducing a: UInt64, _ b: UInt64, _ c: UInt64) {
    // x^96 is x^10 + x^9 + x^6 + 1.
    let over0 = b &>> 32 | c &<< 32
    let over1 = c &>> 32
    let low = a ^ over0 ^ over0 &<< 6 ^ over0 &<< 9 ^ over0 &<< 10
    let carry = over0 &>> 58 ^ over0 &>> 55 ^ over0 &>> 54
    let high = b & 0xffff_ffff ^ over1 ^ over1 &<< 6 ^ over1 &<< 9 ^ over1 &<< 10 ^ carry
    let rest = high &>> 32
    self.init(
      high: high & 0xffff_ffff, low: low ^ rest ^ rest &<< 6 ^ rest &<< 9 ^ rest &<< 10)
  }

  @inline(__always)
  var squared: Field96 {
    // The square of a sum is the sum of the squares: bit n goes to 2n.
    Field96(reducing: Self.spread(low), Self.spread(low &>> 32), Self.spread(high))
  }

  /// The low 32 bits, each at twice its place.
  @inline(__always)
  private static func spread(_ bits: UInt64) -> UInt64 {
    var wide = bits & 0xffff_ffff
    wide = (wide | wide &<< 16) & 0x0000_ffff_0000_ffff
    wide = (wide | wide &<< 8) & 0x00ff_00ff_00ff_00ff
    wide = (wide | wide &<< 4) & 0x0f0f_0f0f_0f0f_0f0f
    wide = (wide | wide &<< 2) & 0x3333_3333_3333_3333
    wide = (wide | wide &<< 1) & 0x5555_5555_5555_5555
    return wide
  }

  /// What makes one with it: its power 2^96 − 2.
  var inverse: Field96 {
    precondition(self != .zero, "zero has no inverse")
    var power = self
    var inverse = Self.one
    for _ in 1..<Self.bitCount {
      power = power.squared
      inverse = inverse * power
    }
    return inverse
  }
}
