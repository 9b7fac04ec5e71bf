import Testing

extension SystemTests {
  /// A copy and a stream of pings between two peers while the network beneath changes
  /// (scripts/roaming; docs/protocol/introductions.md, "Moving").
  @Suite("Mobility", .serialized)
  struct MobilityTests {
    struct Record: Decodable {
      let outageSeconds: Double
      let copied: Bool
      let after: String
    }

    /// What happens, and the longest outage in seconds that is taken: far more than a quiet machine
    /// shows (docs/benchmarks/roaming.md), because here others share it.
    static let cases: [(String, Double)] = [
      ("address", 1), ("network", 1), ("address-nat", 3), ("network-nat", 3), ("both", 3),
      ("both-nat", 3), ("reboot", 3), ("reboot-symmetric", 3), ("silence", 3), ("relay", 3),
    ]

    @Test("a copy outlives it, and the outage is short", arguments: cases)
    func event(name: String, limit: Double) throws {
      let found: [String: [Record]] = try Measurement.run(
        "roaming", "--case", name, "--count", "1", within: 180)
      let record = try #require(found[name]?.first)
      print("\(name): \(record.outageSeconds) s")
      #expect(record.copied)
      #expect(record.outageSeconds < limit)
      #expect(record.after == (name == "relay" ? "relayed" : "direct"))
    }
  }
}
