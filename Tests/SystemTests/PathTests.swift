import Foundation
import Testing

extension SystemTests {
  /// What programs are told of paths (docs/reference/control-api.md), beside what the kernel's own
  /// tools measure.
  @Suite("The quality of paths", .serialized)
  struct PathTests {
    private static let nobody = [
      "setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
    ]

    @Test("round trips, losses and bytes are what ping, ss and the cable say")
    func plausible() throws {
      let lab = try Lab()
      let cable = try ImpairedCable(in: lab, .init(delay: 0.01), seed: 1, joined: true)
      let (ada, bob) = try lab.acquaintedPeers(on: cable.hosts)
      let address = try bob.identity().address6
      try eventually("the session is open") { try ada.reaches(bob) }
      let shell = try SecureShell(on: bob.host)
      let session = try ada.host.startCounting(to: 100, at: address, of: shell)
      let ping = try ada.host.run("ping", "-q", "-c", "60", "-i", "0.05", address)
      let least = try #require(Self.number(behind: "= ", in: ping.output)) * 1000
      let report = try ada.path(to: "bob")
      #expect(report.state == "open" && report.path.kind == "direct" && report.name == "bob")
      #expect(report.path.endpoint == "\(bob.host.underlay):\(Peer.port)")
      let rtt = try #require(report.rtt)
      for microseconds in [rtt.minimumMicroseconds, rtt.smoothedMicroseconds] {
        #expect(abs(Double(microseconds) - least) < least / 2, "\(microseconds), ping \(least)")
      }
      #expect(rtt.minimumMicroseconds <= rtt.latestMicroseconds)
      #expect(report.path.rttMicroseconds == rtt.smoothedMicroseconds)
      let heard = try #require(report.lastHeardMicroseconds)
      #expect(heard < 2_000_000)
      // A record of the first moments may have come before the peer had the session.
      #expect(report.toPeer.lossRatio ?? 0 < 0.03 && report.toPeer.bytes > 60 * 104)
      #expect(report.toPeer.bitsPerSecond > 0 && report.fromPeer.bitsPerSecond > 0)
      #expect(report.mtu.interfaceBytes == 1420)

      // The same by the socket of the shell, of which ss has its own measurement.
      let connections = try ada.host.run("ss", "-tinHO", "dst", "[\(address)]").output
      let fields = connections.split(whereSeparator: \.isWhitespace).map(String.init)
      let local = try #require(fields.first { $0.hasPrefix("[fde8:") })
      let remote = try #require(fields.last { $0.hasPrefix("[\(address)]") })
      let kernel = try #require(Self.number(behind: " rtt:", in: connections)) * 1000
      #expect(abs(Double(rtt.smoothedMicroseconds) - kernel) < kernel / 2, "ss says \(kernel)")
      let socket = try ada.curl("/v1/path?protocol=tcp&local=\(local)&remote=\(remote)")
      #expect(socket.output.contains(#""name":"bob""#), "\(socket)")
      let other = try ada.curl("/v1/path?protocol=tcp&local=\(local)&remote=[\(address)]:9")
      #expect(other.output.contains("socketUnknown"), "\(other)")
      let foreign = try ada.curl("/v1/path?protocol=tcp&local=\(remote)&remote=\(remote)")
      #expect(foreign.output.contains("addressNotLocal"), "\(foreign)")
      #expect(try ada.curl("/v1/path?to=\(address)").output.contains(#""name":"bob""#))
      let events = try ada.curl("/v1/path/events?to=\(address)&intervalMilliseconds=200", for: 1)
      #expect(events.output.components(separatedBy: "event: path\ndata: {").count > 3, "\(events)")
      #expect(try session.finishCounting(to: 100))

      try bob.host.lose(20, from: "eth0")
      _ = try ada.host.run("ping", "-q", "-c", "500", "-i", "0.01", address)
      let (near, far) = (try ada.path(to: "bob"), try bob.path(to: "ada"))
      for ratio in [near.toPeer.recentLossRatio, far.fromPeer.recentLossRatio] {
        #expect((0.08...0.35).contains(ratio ?? 0), "\(ratio ?? -1)")
      }
      #expect((near.fromPeer.recentLossRatio ?? 0) < 0.05)
      #expect(try ada.statusText().contains(#""quality" : {"#))
    }

    @Test("a relay is named, by what it is called here and by its PermID")
    func relayed() throws {
      let lab = try Lab()
      try lab.router("home-a", .symmetric, at: "203.0.113.10", inside: "192.168.1")
      try lab.router("home-b", .symmetric, at: "203.0.113.20", inside: "192.168.2")
      let cleo = try Peer(on: lab.host("cleo", at: "203.0.113.1"))
      let ada = try Peer(on: lab.host("ada", behind: "home-a", at: "192.168.1.2"))
      let bob = try Peer(on: lab.host("bob", behind: "home-b", at: "192.168.2.2"))
      for peer in [cleo, ada, bob] { try peer.up() }
      for peer in [ada, bob] {
        try peer.add(cleo, at: cleo.host.underlay, keepOpen: true)
        try cleo.add(peer)
      }
      try ada.add(bob)
      try bob.add(ada)
      try eventually("bob is reached") { try ada.reaches(bob) }
      let report = try ada.path(to: "bob")
      #expect(report.path.kind == "relayed" && report.path.viaName == "cleo")
      #expect(try report.path.via == cleo.identity().permID)
      #expect(try ada.expect("path", "bob").output.contains("relayed via cleo"))
    }

    @Test("who watches sees the path change, and Ctrl-C is a success")
    func watching() throws {
      let lab = try Lab()
      try lab.router("home", .cone, at: "203.0.113.10", inside: "192.168.1")
      try lab.router("cafe", .cone, at: "203.0.113.30", inside: "192.168.3")
      let ada = try Peer(on: lab.host("ada", behind: "home", at: "192.168.1.2"))
      let bob = try Peer(on: lab.host("bob", at: "203.0.113.40"))
      for peer in [ada, bob] { try peer.up() }
      try ada.add(bob, at: "203.0.113.40", keepOpen: true)
      try bob.add(ada)
      let watch = try bob.host.start(
        Lab.binary(), "path", "ada", "--watch", "--interval", "0.1", "--json", "--state", bob.state)
      try eventually("ada is seen at home") { watch.output.contains("\"203.0.113.10:") }
      _ = try lab.move(ada.host, behind: "cafe", at: "192.168.3.2")
      try eventually("ada is seen in the café") { watch.output.contains("\"203.0.113.30:") }
      watch.signal(SIGINT)
      #expect(try watch.finish().succeeded)
      for line in watch.output.split(separator: "\n") {
        _ = try JSONDecoder().decode(PathQuality.self, from: Data(line.utf8))
      }
      let table = try bob.host.start(
        Lab.binary(), "path", "ada", "--watch", "--interval", "0.1", "--state", bob.state)
      try eventually("it is shown again and again") {
        table.output.components(separatedBy: "round trip").count > 3
      }
      // The daemon's end ends the watch, too, with a code of its own.
      try bob.down()
      #expect(try table.finish().status == 3)
    }

    @Test("others than root read paths where the configuration lets them, and nothing else")
    func readers() throws {
      let lab = try Lab()
      let binary = "\(lab.directory)/ipv8-tun"
      try FileManager.default.copyItem(atPath: Lab.binary(), toPath: binary)
      let (ada, bob) = try lab.acquaintedPeers(
        on: lab.linkedHosts(),
        configuration: ("path_readers = \"everyone\"\n", "path_readers = \"group:games\"\n"))
      try eventually("the session is open") { try ada.reaches(bob) }
      func asked(_ peer: Peer, by user: [String], _ rest: String...) throws -> Outcome {
        try peer.host.run(user + rest)
      }
      let observer = "\(ada.state)/observe/sock"
      let paths = try asked(
        ada, by: Self.nobody, "curl", "-s", "--unix-socket", observer, "http://localhost/v1/paths")
      #expect(paths.output.contains(#""name":"bob""#), "\(paths)")
      for request in [["-X", "POST", "http://localhost/v1/down"], ["http://localhost/v1/status"]] {
        let refused = try ada.host.run(
          Self.nobody + ["curl", "-s", "-w", "%{http_code}", "--unix-socket", observer] + request)
        #expect(refused.output.hasSuffix("403"), "\(refused)")
      }
      let control = try asked(
        ada, by: Self.nobody, "curl", "-s", "--unix-socket", "\(ada.state)/control.sock",
        "http://localhost/v1/paths")
      #expect(control.status == 7, "\(control)")
      // Nothing else of the state directory is open to them.
      for name in ["", "/ipv8.db", "/daemon.log"] {
        #expect(try !asked(ada, by: Self.nobody, "cat", ada.state + name).succeeded)
      }
      let shown = try asked(ada, by: Self.nobody, binary, "path", "bob", "--state", ada.state)
      #expect(shown.succeeded && shown.output.contains("direct"), "\(shown)")

      let player = ["setpriv", "--reuid=65534", "--regid=60", "--clear-groups", "--inh-caps=-all"]
      #expect(try asked(bob, by: player, binary, "path", "ada", "--state", bob.state).succeeded)
      let stranger = try asked(bob, by: Self.nobody, binary, "path", "ada", "--state", bob.state)
      #expect(stranger.status == 77 && stranger.errorLines.count == 1, "\(stranger)")
      #expect(stranger.error.contains("permission denied"), "\(stranger)")

      // Taken back, the door is shut.
      try ada.down()
      try ada.up()
      #expect(!FileManager.default.fileExists(atPath: observer))
      let shut = try asked(ada, by: Self.nobody, binary, "path", "bob", "--state", ada.state)
      #expect(shut.status == 77, "\(shut)")
    }

    @Test("the example takes the better of two peers, and the other when that is the better")
    func example() throws {
      let lab = try Lab()
      let cable = try ImpairedCable(in: lab, .init(delay: 0.01), seed: 1, joined: true)
      let (ada, bob) = try lab.acquaintedPeers(
        on: cable.hosts, configuration: ("path_readers = \"everyone\"\n", ""))
      // Cleo is nearer.
      let cleo = try Peer(on: ada.host.attach("cleo", device: "eth1", net: 9))
      try cleo.up()
      try ada.add(cleo, at: cleo.host.underlay)
      try cleo.add(ada)
      let program = "\(lab.directory)/better-peer"
      try FileManager.default.copyItem(atPath: Lab.program("better-peer"), toPath: program)
      for peer in [bob, cleo] {
        try eventually("\(peer.host.name) is measured") {
          try ada.reaches(peer) && ada.path(to: peer.host.name).rtt != nil
        }
      }
      let example = try ada.host.start(
        Self.nobody + [program, "\(ada.state)/observe/sock", "bob", "cleo"])
      try eventually("cleo is the better") { example.output.contains("cleo at fde8:") }
      #expect(!example.output.contains("bob at fde8:"))
      // So much that even a cable that a busy machine carries slowly is the better way.
      try cleo.host.lose(70, from: "eth0")
      let traffic = try ada.host.start("ping", "-q", "-i", "0.02", cleo.identity().address6)
      try eventually("bob is", within: 60) { example.output.contains("bob at fde8:") }
      traffic.signal(SIGINT)
      _ = try traffic.finish()
      try ada.down()
      #expect(try example.finish().succeeded)
      #expect(example.output.contains("kbit/s"))
    }

    /// The first number behind `mark`.
    private static func number(behind mark: String, in text: String) -> Double? {
      text.range(of: mark).flatMap { range in
        Double(text[range.upperBound...].prefix { $0.isNumber || $0 == "." })
      }
    }
  }
}

/// `ipv8-tun path PEER --json`
struct PathQuality: Decodable {
  struct Path: Decodable {
    let kind: String
    let endpoint: String?
    let via: String?
    let viaName: String?
    let rttMicroseconds: Int?
  }
  struct RoundTrip: Decodable {
    let minimumMicroseconds: Int
    let smoothedMicroseconds: Int
    let variationMicroseconds: Int
    let latestMicroseconds: Int
  }
  struct Traffic: Decodable {
    let bytes: Int
    let bitsPerSecond: Int
    let lossRatio: Double?
    let recentLossRatio: Double?
  }
  struct MTU: Decodable {
    let interfaceBytes: Int
    let pathBytes: Int?
  }

  let name: String
  let state: String
  let path: Path
  let rtt: RoundTrip?
  let toPeer: Traffic
  let fromPeer: Traffic
  let lastHeardMicroseconds: Int?
  let mtu: MTU
}

extension Peer {
  fileprivate func path(to name: String) throws -> PathQuality {
    let output = try expect("path", name, "--json").output
    return try JSONDecoder().decode(PathQuality.self, from: Data(output.utf8))
  }

  fileprivate func statusText() throws -> String { try expect("status", "--json").output }

  /// What the control socket answers to a GET, so many seconds at most.
  fileprivate func curl(_ target: String, for seconds: Int = 20) throws -> Outcome {
    try host.run(
      "curl", "-s", "-g", "-N", "--max-time", "\(seconds)", "--unix-socket",
      "\(state)/control.sock", "http://localhost\(target)")
  }
}

extension Host {
  /// Loses so many of a hundred datagrams that come in by `device`.
  fileprivate func lose(_ percent: Int, from device: String) throws {
    try expect(
      "nft",
      """
      table inet lossy { chain input { type filter hook prerouting priority raw; \
        iifname "\(device)" numgen random mod 100 < \(percent) drop; }; }
      """)
  }
}
