/// A polynomial over the field whose leading coefficient is one.
struct FieldPolynomial: Sendable {
  /// The coefficients but the leading one, the constant first.
  private let rest: [Field96]

  init(rest: [Field96]) { self.rest = rest }

  /// - Parameter coefficients: the constant first; of a multiple, not of zero: that is nil.
  private init?(multiple coefficients: [Field96]) {
    guard let degree = coefficients.lastIndex(where: { $0 != .zero }) else { return nil }
    let scale = Field96.Factor(coefficients[degree].inverse)
    rest = coefficients[..<degree].map { scale * $0 }
  }

  private var degree: Int { rest.count }

  /// Its roots, where all of them are in the field and differ; nil where not.
  ///
  /// By Berlekamp's traces: the sum of (βy)^(2^i) is zero for half of all y and one for the others,
  /// for each β other ones.
  var roots: [Field96]? {
    guard degree > 1 else { return rest }
    guard let frobenius else { return nil }
    var factors = [self]
    for power in 0..<Field96.bitCount where factors.count < degree {
      var scale = Field96(power: power)
      var trace = [Field96](repeating: .zero, count: degree)
      for image in frobenius {
        Self.add(image, times: scale, to: &trace)
        scale = scale.squared
      }
      factors = factors.flatMap { $0.split(by: trace) }
    }
    // Some power of x tells any two members of the field apart.
    return factors.map { $0.rest[0] }
  }

  /// y^(2^i) modulo the polynomial for all i below 96. With 96 it has to be y again, as it is for all
  /// y in the field.
  private var frobenius: [[Field96]]? {
    var power = [.one] + [Field96](repeating: .zero, count: degree - 1)
    var even: [[Field96]] = []
    for _ in 0..<degree {
      even.append(power)
      power = divide([.zero, .zero] + power).remainder
    }
    var images = [divide([.zero, .one]).remainder]
    images[0] += [Field96](repeating: .zero, count: degree - images[0].count)
    for last in 0..<Field96.bitCount {
      var square = [Field96](repeating: .zero, count: degree)
      for (coefficient, image) in zip(images[last], even) {
        Self.add(image, times: coefficient.squared, to: &square)
      }
      images.append(square)
    }
    return images.removeLast() == images[0] ? images : nil
  }

  /// The factor whose roots are roots of `trace`, too, and the one with the others.
  private func split(by trace: [Field96]) -> [FieldPolynomial] {
    guard degree > 1 else { return [self] }
    var divisor = self
    var remainder = divide(trace).remainder
    while let next = FieldPolynomial(multiple: remainder) {
      remainder = next.divide(divisor.rest + [.one]).remainder
      divisor = next
    }
    guard (1..<degree).contains(divisor.degree) else { return [self] }
    let quotient = divisor.divide(rest + [.one]).quotient
    return [divisor, FieldPolynomial(rest: quotient.dropLast())]
  }

  private func divide(_ dividend: [Field96]) -> (quotient: [Field96], remainder: [Field96]) {
    var remainder = dividend
    var quotient: [Field96] = []
    while remainder.count > degree {
      let leading = remainder.removeLast()
      quotient.append(leading)
      guard leading != .zero else { continue }
      let factor = Field96.Factor(leading)
      let place = remainder.count - degree
      for index in 0..<degree { remainder[place + index] ^= factor * rest[index] }
    }
    return (quotient.reversed(), remainder)
  }

  private static func add(_ terms: [Field96], times scale: Field96, to sum: inout [Field96]) {
    guard scale != .zero else { return }
    let factor = Field96.Factor(scale)
    for (index, term) in terms.enumerated() where term != .zero { sum[index] ^= factor * term }
  }
}
