import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/queue.md, "Declared classes".
  @Suite("A declared class", .serialized)
  struct ClassTests {
    @Test("leaves a connection less of a narrow link than another, from then on until it ends")
    func yields() throws {
      let (ada, bob) = try Lab().acquaintedPeers()
      #expect(try ada.reaches(bob))
      try ada.host.expect(
        "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "20mbit", "burst", "16kb",
        "latency", "20ms")
      let (own, other) = (try ada.identity().address6, try bob.identity().address6)
      let servers = try ["5201", "5202"].map { port in
        let server = try bob.host.start("iperf3", "-s", "-1", "-p", port)
        try eventually("iperf3 listens") {
          try bob.host.run("ss", "-Hltn").output.contains(":\(port) ")
        }
        return server
      }
      let flows = try ["1", "2"].map {
        try ada.host.start(
          "iperf3", "-J", "-t", "8", "-c", other, "-p", "520\($0)", "--cport", "4000\($0)")
      }
      try eventually("the first one is declared") {
        try ada.tun(
          "class", "flow", "tcp", "[\(own)]:40001", "[\(other)]:5201", "background"
        ).succeeded
      }
      let shown = try ada.expect("class").output
      #expect(shown.contains("bob") && shown.contains("background") && shown.contains("59 min"))
      let unknown = try ada.tun("class", "flow", "tcp", "[\(own)]:9", "[\(other)]:9", "normal")
      #expect(unknown.status == 67, "\(unknown)")
      let rates = try flows.map { try Self.bitsPerSecond($0.finish()) }
      print("a background connection beside a normal one, bit/s: \(rates)")
      // A fifth in all would be its share alone; it also gets what the other leaves when it slows down.
      #expect(rates[0] < rates[1] * 0.7)
      for server in servers { #expect(try server.finish().succeeded) }

      try ada.expect("class", "peer", "bob", "interactive", "--lifetime", "1")
      try ada.expect("class", "flow", "tcp", "[\(own)]:40001", "[\(other)]:5201", "none")
      try eventually("the other one has ended") {
        try ada.expect("class").output == "no class is declared\n"
      }
    }

    private static func bitsPerSecond(_ outcome: Outcome) throws -> Double {
      struct Report: Decodable {
        struct End: Decodable { let sum_received: Sum }
        struct Sum: Decodable { let bits_per_second: Double }
        let end: End
      }
      #expect(outcome.succeeded, "\(outcome)")
      return try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8)).end
        .sum_received.bits_per_second
    }
  }
}
