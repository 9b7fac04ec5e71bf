import IPv8Wire

/// The sums of the first odd powers of a set's elements, taken as members of a field. Of two sets
/// the sums of these are those of what only one of them has, and up to ``capacity`` elements follow from
/// theirs (a BCH code, as PinSketch has it: Dodis, Ostrovsky, Reyzin, Smith, §6.3).
struct PowerSums: Equatable, Sendable {
  static let count = 12
  /// The last sum confirms that there are no more.
  static let capacity = count - 1
  static let byteCount = count * SyncElement.byteCount

  /// Of the powers 1, 3, 5 …
  private var odd = [Field96](repeating: .zero, count: count)

  init() {}

  /// - Parameter bytes: ``byteCount`` of them from `offset` on.
  init(_ bytes: RawSpan, at offset: Int) {
    for index in 0..<Self.count {
      odd[index] = Field96(SyncElement(bytes, at: offset + index * SyncElement.byteCount))
    }
  }

  func append(to bytes: inout [UInt8]) {
    for sum in odd { sum.element.append(to: &bytes) }
  }

  /// Puts an element in, or takes it out: that is the same.
  mutating func add(_ element: SyncElement) {
    var power = Field96(element)
    let square = Field96.Factor(power.squared)
    odd[0] ^= power
    for index in 1..<Self.count {
      power = square * power
      odd[index] ^= power
    }
  }

  mutating func add(_ other: PowerSums) {
    for index in 0..<Self.count { odd[index] ^= other.odd[index] }
  }

  /// The elements of the set; nil where they are more than ``capacity``.
  func elements() throws(SyncFault) -> [SyncElement]? {
    let (locator, length) = recurrence
    guard length <= Self.capacity else { return nil }
    // All but one in 2^96 sets with more elements are told from these by the last sum.
    guard length > 0 else { return [] }
    guard locator.count == length + 1, locator[length] != .zero,
      let roots = FieldPolynomial(rest: locator[1...].reversed()).roots
    else { throw .contradictory }
    return roots.map(\.element)
  }

  /// The shortest linear recurrence of the sums of all powers, by Berlekamp and Massey: the product
  /// of 1 - xz over all elements x, and how many they are.
  private var recurrence: (coefficients: [Field96], length: Int) {
    var sums: [Field96] = []
    for index in 0..<2 * Self.count {
      // The square of a sum is the sum of the squares.
      sums.append(index % 2 == 0 ? odd[index / 2] : sums[index / 2].squared)
    }
    var current = [Field96.one]
    var length = 0
    // What it was before its length last changed, times the inverse of what it was off by then.
    var former = [Field96.one]
    for place in sums.indices {
      former.insert(.zero, at: 0)
      var apart = Field96.zero
      for (index, coefficient) in current.enumerated() where index <= place {
        apart ^= coefficient * sums[place - index]
      }
      guard apart != .zero else { continue }
      let old = current
      let factor = Field96.Factor(apart)
      current += [Field96](repeating: .zero, count: max(0, former.count - current.count))
      for (index, coefficient) in former.enumerated() { current[index] ^= factor * coefficient }
      guard 2 * length <= place else { continue }
      length = place + 1 - length
      let scale = Field96.Factor(apart.inverse)
      former = old.map { scale * $0 }
    }
    while current.count > length + 1, current.last == .zero { current.removeLast() }
    return (current, length)
  }
}
