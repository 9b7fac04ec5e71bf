import Testing

extension SystemTests {
  /// Every kind of network with every kind, by one public peer that both know (scripts/reachability).
  @Suite("Who reaches whom", .serialized)
  struct ReachabilityTests {
    /// How a network maps and filters, as far as it matters for getting through to it.
    enum Network: String, Decodable, CaseIterable {
      case `public`, restricted, cone, symmetric, cgnat, firewall, blocked, lan
      case fullCone = "full-cone"

      /// Its outer endpoint depends on whom it speaks to.
      var isHard: Bool { self == .symmetric }

      /// Lets in whom it has spoken to, at the very port it has spoken to.
      var filtersPorts: Bool {
        [.cone, .symmetric, .cgnat, .firewall, .lan].contains(self)
      }
    }

    struct Pair: Decodable {
      let a: Network
      let b: Network
      let path: String?
      let firstMilliseconds: Double?
      let directMilliseconds: Double?
      let shell: Bool

      /// Where simultaneous opening cannot but get through.
      var mustBeDirect: Bool {
        let isBlocked = a == .blocked || b == .blocked
        return !isBlocked && !(a.isHard && b.filtersPorts) && !(b.isHard && a.filtersPorts)
      }
    }

    @Test(
      "every pair speaks at once, by a direct path wherever simultaneous opening can get through")
    func matrix() throws {
      let rounds: [[Pair]] = try Measurement.run("reachability", "--patience", "15", within: 240)
      let pairs = try #require(rounds.first)
      let count = Network.allCases.count
      #expect(pairs.count == count * (count + 1) / 2)
      for pair in pairs {
        let who = "\(pair.a.rawValue) and \(pair.b.rawValue)"
        #expect(pair.firstMilliseconds ?? .infinity < 2_000, "first answer of \(who)")
        #expect(pair.shell, "ssh from \(who)")
        if pair.mustBeDirect {
          #expect(pair.path == "direct", "\(who)")
        } else {
          #expect(
            ["direct", "relayed", "tcp"].contains(pair.path), "\(who): \(pair.path ?? "none")")
        }
        if pair.a == .blocked || pair.b == .blocked { #expect(pair.path != "direct", "\(who)") }
      }
    }

    @Test("a symmetric network and a port-restricted one get through to each other by many sockets")
    func birthday() throws {
      // One attempt misses with a probability of 1.7 %, and the next is an hour away.
      for _ in 0..<3 {
        let rounds: [[Pair]] = try Measurement.run(
          "reachability", "--kind", "cone", "--kind", "symmetric", "--patience", "30", within: 90)
        let pair = try #require(rounds.first?.first { ($0.a, $0.b) == (.cone, .symmetric) })
        #expect(pair.shell)
        if pair.path == "direct" { return }
      }
      Issue.record("relayed three times")
    }
  }
}
