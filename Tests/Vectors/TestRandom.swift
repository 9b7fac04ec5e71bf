import Foundation
import IPv8Wire

/// Random inputs of one test, from a seed that the test prints: `IPV8_SEED=N swift test` repeats it.
public struct TestRandom: RandomNumberGenerator {
  private var generator: SeededRandom

  public init(_ test: String) {
    let given = ProcessInfo.processInfo.environment["IPV8_SEED"].flatMap { UInt64($0) }
    let seed = given ?? UInt64.random(in: 1...UInt64(UInt32.max))
    print("\(test): IPV8_SEED=\(seed)")
    generator = SeededRandom(seed: seed)
  }

  public mutating func next() -> UInt64 { generator.next() }

  public mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
  }

  public mutating func integer<T: FixedWidthInteger>(_: T.Type = T.self) -> T {
    T.random(in: .min ... .max, using: &self)
  }

  /// True once in `n` times on average.
  public mutating func oneIn(_ n: UInt64) -> Bool { next() % n == 0 }
}
