import Glibc
import Testing

/// docs/protocol: the open handshake, its rules R1 to R10.
@Suite("Opening a session between two simulated hosts")
struct OpeningSimulation {
  static let seeds = 10_000
  static let block = 100

  /// `IPV8_SEED=n` runs seed n alone.
  static let onlySeed = getenv("IPV8_SEED").flatMap { UInt64(String(cString: $0)) }

  @Test(
    "always ends with packets both ways, whatever is lost, doubled, late, or restarted",
    arguments: 0..<seeds / block)
  func opens(block: Int) {
    for number in block * Self.block..<(block + 1) * Self.block {
      check(OpeningSetting(seed: UInt64(number)))
    }
  }

  @Test("ends with packets both ways where half of all datagrams are lost", arguments: 0..<4)
  func opensAtHalfLoss(block: Int) {
    for number in block * Self.block..<(block + 1) * Self.block {
      check(OpeningSetting(seed: UInt64(number), loss: 0.5))
    }
  }

  private func check(_ setting: OpeningSetting) {
    if let only = Self.onlySeed, only != setting.seed { return }
    let findings = OpeningTrial(setting).run()
    #expect(findings.isEmpty, "\(setting)")
  }
}
