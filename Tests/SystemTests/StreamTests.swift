import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/streams.md
  @Suite("Streams where UDP is blocked", .serialized)
  struct StreamTests {
    private static let site = "192.168.7"
    private static let gate = "203.0.113.7"
    private static let server = "203.0.113.2"

    /// Ada behind a router that lets only TCP to ports 80 and 443 out, and mia, who accepts streams at
    /// `port`; both are up and know each other.
    private func peers(
      port: Int, environment: [String: String] = [:], told: [String]
    ) throws -> (Peer, Peer) {
      let lab = try Lab()
      try lab.router("gate", .blocked, at: Self.gate, inside: Self.site)
      let ada = try Peer(on: lab.host("ada", behind: "gate", at: "\(Self.site).2"))
      let mia = try Peer(on: lab.host("mia", at: Self.server))
      let file = "\(lab.directory)/mia.toml"
      try "https_port = \(port)\npublic = true\n".write(
        toFile: file, atomically: true, encoding: .utf8)
      try mia.up("--config", file)
      try ada.up(environment: environment)
      try mia.add(ada)
      let endpoints = told.flatMap { ["--endpoint", $0] }
      let command = [try Lab.binary(), "peer", "add", try mia.identity().permID, "--name", "mia"]
      let outcome = try ada.host.run(command + endpoints + ["--state", ada.state])
      guard outcome.succeeded else { throw LabError.failed(command: "peer add", outcome) }
      return (ada, mia)
    }

    @Test("ping and ssh work by HTTPS, and go by UDP again once it is let out")
    func blocked() throws {
      let (ada, mia) = try peers(
        port: 443, told: ["\(Self.server):\(Peer.port)", "https://\(Self.server)"])
      let address = try mia.identity().address6
      let clock = ContinuousClock()
      let start = clock.now
      let first = try ada.host.run("ping", "-c", "1", "-W", "8", address)
      #expect(first.succeeded, "\(first)")
      print("first answer after \(clock.now - start)")
      #expect(try ada.status(of: mia)?.path.kind == "tcp")
      #expect(try mia.status(of: ada)?.path.kind == "tcp")
      let shell = try SecureShell(on: mia.host)
      let login = try ada.host.ssh(to: address, of: shell, "ip netns identify")
      #expect(login.output == "\(mia.host.namespace)\n", "\(login)")
      #expect(try mia.reaches(ada))

      let gate = Host(lab: ada.host.lab, name: "gate", underlay: Self.gate)
      try gate.expect("nft", "insert", "rule", "ip", "lab", "forward", "iifname", "lan0", "accept")
      let opened = clock.now
      let traffic = try ada.host.start("ping", "-i", "0.2", "-c", "600", address)
      try eventually("traffic goes by UDP", within: 90) {
        try ada.status(of: mia)?.path.kind == "direct"
      }
      print("by UDP after \(clock.now - opened)")
      try eventually("in both directions") { try mia.status(of: ada)?.path.kind == "direct" }
      traffic.signal(SIGINT)
      let outcome = try traffic.finish()
      #expect(outcome.output.contains(" 0% packet loss"), "\(outcome.output.suffix(300))")
    }

    @Test("a proxy that the environment names is used, with its password")
    func proxy() throws {
      let place = "http://ada:let%20me%20out@203.0.113.9:80"
      let (ada, mia) = try peers(
        port: 8443, environment: ["https_proxy": place],
        told: ["https://\(Self.server):8443"])
      let proxy = try ConnectProxy(on: ada.host.lab.host("proxy", at: "203.0.113.9"))
      let outcome = try ada.host.run(
        "ping", "-c", "3", "-i", "0.2", "-W", "10", try mia.identity().address6)
      #expect(outcome.succeeded, "\(outcome)")
      #expect(proxy.tunnels.first == "\(Self.server):8443")
      #expect(try ada.status(of: mia)?.path.kind == "tcp")
    }

    @Test("an ordinary web client finds a server without pages, whatever it asks for")
    func strangers() throws {
      let (ada, _) = try peers(port: 443, told: ["https://\(Self.server)"])
      for path in ["", "index.html", "../..", String(repeating: "a", count: 4_000)] {
        let outcome = try ada.host.run(
          "curl", "-sk", "-w", "%{http_code}", "https://\(Self.server)/\(path)")
        #expect(outcome.output == "Not Found\n404", "\(outcome)")
      }
      let upgrade = try ada.host.run(
        "curl", "-sk", "--http1.1", "-w", "%{http_code}", "-H", "Connection: Upgrade", "-H",
        "Upgrade: websocket", "-H", "Sec-WebSocket-Version: 13", "-H",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "https://\(Self.server)/chat")
      #expect(upgrade.output == "Not Found\n404", "\(upgrade)")
    }

    @Test("a stream that breaks is dialled again while it is wanted")
    func redial() throws {
      let (ada, mia) = try peers(port: 443, told: ["https://\(Self.server)"])
      let address = try mia.identity().address6
      #expect(try ada.host.run("ping", "-c", "1", "-W", "8", address).succeeded)
      // The connection dies at both ends, as when a proxy restarts.
      try mia.host.expect("ss", "-K", "sport", "=", ":443")
      let outcome = try ada.host.run("ping", "-c", "1", "-W", "10", address)
      #expect(outcome.succeeded, "\(outcome)")
    }

    @Test("beside a bulk transfer a ping stays short", arguments: ["up", "down"])
    func bulk(direction: String) throws {
      let (ada, mia) = try peers(port: 443, told: ["https://\(Self.server)"])
      let address = try mia.identity().address6
      #expect(try ada.host.run("ping", "-c", "1", "-W", "8", address).succeeded)
      let lab = ada.host.lab
      let shape = ["qdisc", "add", "dev"]
      let rate = ["root", "tbf", "rate", "20mbit", "burst", "16kb", "latency", "20ms"]
      for (name, device) in [("gate", "eth0"), ("net", "gate")] {
        let host = Host(lab: lab, name: name, underlay: "")
        let shaped = try host.run(["tc"] + shape + [device] + rate)
        #expect(shaped.succeeded, "\(shaped)")
      }
      let server = try mia.host.start("iperf3", "-s", "-1")
      try eventually("iperf3 listens") {
        try mia.host.run("ss", "-Hltn").output.contains(":5201 ")
      }
      let options = direction == "down" ? ["-R"] : []
      let transfer = try ada.host.start(["iperf3", "-J", "-t", "8", "-c", address] + options)
      let pings = try ada.host.run("ping", "-i", "0.02", "-c", "350", "-W", "2", address)
      let report = try transfer.finish()
      #expect(try server.finish().succeeded && report.succeeded, "\(report)")
      let times = pings.output.split(separator: "\n").compactMap { line -> Double? in
        guard let at = line.firstRange(of: "time=") else { return nil }
        return Double(line[at.upperBound...].prefix { $0 != " " })
      }.sorted()
      let json = try #require(
        JSONSerialization.jsonObject(with: Data(report.output.utf8)) as? [String: Any])
      let end = try #require(json["end"] as? [String: Any])
      let sum = try #require(end["sum_received"] as? [String: Any])
      let mbits = try #require(sum["bits_per_second"] as? Double) / 1_000_000
      try #require(times.count > 300, "\(pings.output.suffix(200))")
      let (median, p99) = (times[times.count / 2], times[times.count * 99 / 100])
      print("\(direction): \(Int(mbits)) Mbit/s beside pings of \(median) ms, p99 \(p99) ms")
      #expect(p99 < 250 && mbits > 5)
    }
  }
}
