import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/directory.md, Limits; docs/benchmarks/flood.md.
  @Suite("A flood of records", .serialized)
  struct FloodTests {
    @Test("of a contact loses no honest one, and packets go on within the memory there is")
    func contact() throws {
      let chain = try Chain(2)
      try chain.acquaint()
      let (near, far) = (chain.peers[0], chain.peers[1])
      #expect(try near.reaches(far))
      let program = try Lab.program("flood")
      let enemy = try chain.lab.host("enemy", at: "10.88.0.9")
      func name(_ number: Int) throws -> String {
        let outcome = try enemy.run(program, "name", "--number", "\(number)")
        return outcome.output.trimmingCharacters(in: .newlines)
      }
      try far.expect("peer", "add", name(1), "--name", "enemy")
      // The contact sends more than anybody hears; a stranger keeps to the rates, so that what it has is
      // fetched and refused.
      let target = try far.identity().permID
      let attacks = try [("1", "3000"), ("2", "0")].map { number, rate in
        try enemy.start(
          program, "peer", "--number", number, "--rate", rate, "--seconds", "8", "--stock", "200",
          "--peer", target, "--at", "\(far.host.underlay):\(Peer.port)")
      }
      func dropped() throws -> UInt64 { try far.status().counters["dropped.control"] ?? 0 }
      try eventually("the flood is too much") { try dropped() > 1_000 }

      let server = try far.host.start("iperf3", "-s", "-1")
      try eventually("iperf3 listens") {
        try far.host.run("ss", "-Hltn").output.contains(":5201 ")
      }
      for number in 0..<10 { try near.expect("trust", name(100 + number), "1") }
      #expect(
        try near.host.run("iperf3", "-c", far.identity().address6, "-n", "20M").succeeded)
      #expect(try server.finish().succeeded)
      #expect(try near.reaches(far))
      let before = try dropped()
      try eventually("the flood goes on") { try dropped() > before }
      #expect(try far.ownBytes() < 64_000_000)

      #expect((try far.status().counters["dropped.recordRate"] ?? 0) > 0)
      try eventually("wrong records are refused") {
        try far.status().counters.contains { $0.key.hasPrefix("refused.record.") && $0.value > 0 }
      }
      for attack in attacks { #expect(try attack.finish().succeeded) }
      let own = try near.identity().permID
      try eventually("all honest records are there", every: 100_000) {
        let there = try Set(far.recordLines())
        return try near.recordLines().allSatisfy { !$0.contains(own) || there.contains($0) }
      }
    }
  }
}

extension Peer {
  fileprivate func recordLines() throws -> [Substring] {
    try expect("records", "export").output.split(separator: "\n")
  }

  /// The daemon's own memory.
  fileprivate func ownBytes() throws -> Int {
    let rollup = try String(
      contentsOfFile: "/proc/\(daemon())/smaps_rollup", encoding: .utf8)
    return rollup.split(separator: "\n").filter { $0.hasPrefix("Private_") }
      .reduce(0) { $0 + 1_024 * (Int($1.split(separator: " ")[1]) ?? 0) }
  }
}
