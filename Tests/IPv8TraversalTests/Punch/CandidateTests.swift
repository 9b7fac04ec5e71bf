import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Punching".
@Suite("Candidates")
struct CandidateTests {
  private static func endpoint(_ text: String) -> Endpoint {
    Endpoint(text: text) ?? Endpoint(.v4(IPv4Address(0)), port: 0)
  }

  private static func report(_ external: String, local: String) -> NetworkReport {
    var report = NetworkReport(family: .v4, local: endpoint(local))
    report.external = endpoint(external)
    return report
  }

  private static func own(
    _ local: [String], external: String? = nil, mapped: String? = nil, signed: Set<String> = []
  ) -> CandidateSet {
    CandidateSet(
      local: local.map(endpoint),
      mapping: mapped.map {
        PortMapping(external: endpoint($0), madeBy: .pcp, expires: .distantFuture)
      },
      reports: external.map { [report($0, local: local[0])] } ?? [],
      signed: Set(signed.map(endpoint)))
  }

  @Test("are ranked: LAN, IPv6, mapped by the gateway, as seen; each endpoint once")
  func ranking() {
    let set = Self.own(
      ["10.1.0.5:41641", "[2001:db8::5]:41641", "[fe80::1]:41641", "127.0.0.1:41641"],
      external: "5.5.5.5:4000", mapped: "5.5.5.5:41641", signed: ["5.5.5.5:4000"])
    #expect(
      set.candidates.map(\.endpoint.description) == [
        "10.1.0.5:41641", "[2001:db8::5]:41641", "5.5.5.5:41641", "5.5.5.5:4000",
      ])
    #expect(set.candidates.map(\.kind) == [.lan, .host, .portMapped, .reflexive])
    #expect(set.candidates.map(\.isSigned) == [false, false, false, true])
    // A host without NAT is seen where it is: once is enough.
    #expect(Self.own(["9.9.9.9:1"], external: "9.9.9.9:1").candidates.map(\.kind) == [.host])
    // A gateway behind another NAT maps nothing that helps.
    #expect(Self.own(["10.1.0.5:1"], mapped: "100.64.0.9:1").candidates.count == 1)
  }

  @Test("of the other side are worth a knock in our families, and within a site only in ours")
  func worth() {
    func worth(_ theirs: CandidateSet, _ ours: CandidateSet) -> [String] {
      theirs.worthKnocking(from: ours).map(\.endpoint.description)
    }
    let theirs = Self.own(
      ["192.168.1.7:1", "[2001:db8::7]:1"], external: "5.5.5.5:1000")
    let elsewhere = Self.own(["10.0.0.1:2"], external: "6.6.6.6:1")
    #expect(worth(theirs, elsewhere) == ["5.5.5.5:1000"])
    let samePrefix = Self.own(["192.168.9.9:2", "[2001:db8::9]:2"], external: "6.6.6.6:1")
    #expect(worth(theirs, samePrefix) == ["192.168.1.7:1", "[2001:db8::7]:1", "5.5.5.5:1000"])
    let sameRouter = Self.own(["10.0.0.1:2"], external: "5.5.5.5:2000")
    #expect(worth(theirs, sameRouter) == ["192.168.1.7:1", "5.5.5.5:1000"])
    let open = Self.own(["5.5.5.6:2"])
    #expect(worth(theirs, open) == ["5.5.5.5:1000"])
  }

  @Test("are at most sixteen, none of them at an address that is nobody's")
  func limits() {
    var random = TestRandom("Candidates")
    for _ in 0..<200 {
      let set = CandidateSet(
        (0..<40).map { _ in
          Candidate(
            Endpoint(.v4(IPv4Address(random.integer())), port: random.integer()),
            Candidate.Kind(rawValue: UInt8(random.next() % 5)) ?? .lan)
        })
      #expect(set.candidates.count <= 16)
      #expect(set.candidates.allSatisfy { $0.endpoint.address.reach != .none })
      let kinds = set.candidates.map(\.kind)
      #expect(kinds == kinds.sorted())
    }
  }
}
