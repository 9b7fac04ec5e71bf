import IPv8Crypto
import IPv8Wire

/// What one seed of the opening simulation means.
struct OpeningSetting: CustomStringConvertible {
  enum Course: CaseIterable { case normal, simultaneous, gated, restartOne, restartBoth }
  enum Load: CaseIterable { case none, cookie, token }

  static let probabilities = [0, 0.02, 0.1, 0.2, 0.3]

  let seed: UInt64
  let course: Course
  let load: Load
  let loss: Double
  let duplication: Double
  let reordering: Double
  let offers: [AEADOffer]

  /// - Parameter loss: nil for one drawn from the seed.
  init(seed: UInt64, loss: Double? = nil) {
    var random = SeededRandom(seed: seed &* 3 &+ 1)
    func draw<Value>(_ values: [Value]) -> Value {
      values[Int(random.next() % UInt64(values.count))]
    }
    self.seed = seed
    course = draw(Course.allCases)
    load = draw(Load.allCases)
    let drawnLoss = draw(Self.probabilities)
    self.loss = loss ?? drawnLoss
    duplication = draw(Self.probabilities)
    reordering = draw(Self.probabilities)
    offers = (0..<2).map { _ in draw([AEADOffer.local, .chaCha20Poly1305]) }
  }

  var isHalfLost: Bool { loss >= 0.5 }

  var description: String {
    "seed \(seed): \(course), load \(load), loss \(loss), duplication \(duplication), "
      + "reordering \(reordering), offers \(offers.map(\.rawValue))"
  }
}
