import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/lan.md: two machines on one cable, with no route to anything else, that know of
  /// each other the PermID alone.
  @Suite("Discovery in one network", .serialized)
  struct DiscoveryTests {
    @Test("contacts without an address reach each other at once", arguments: ["", "IPv6 alone"])
    func firstPing(network: String) throws {
      let lab = try Lab()
      let hosts = try lab.linkedHosts()
      if !network.isEmpty {
        for host in [hosts.0, hosts.1] {
          try host.expect("ip", "address", "flush", "dev", "eth0", "scope", "global")
        }
      }
      let (ada, bob) = (try Peer(on: hosts.0), try Peer(on: hosts.1))
      for peer in [ada, bob] { try peer.up() }
      try ada.add(bob)
      try bob.add(ada)
      let clock = ContinuousClock()
      let added = clock.now
      try eventually("ada has a session with bob", within: 5) {
        try ada.status(of: bob)?.state == .open
      }
      print("open after \(clock.now - added)")
      #expect(try ada.reaches(bob))
      #expect(try bob.reaches(ada))
      let endpoint = try #require(try ada.status(of: bob)?.path.endpoint)
      #expect(endpoint.hasPrefix(network.isEmpty ? "" : "[fe80::"), "\(endpoint)")
      let own = try #require(try ada.status().counters["dropped.silent"])
      #expect(own == 0)
    }

    @Test("a stranger sees sixteen bytes that hold neither PermID nor address nor port")
    func strangers() throws {
      let lab = try Lab()
      let hosts = try lab.linkedHosts()
      let ada = try Peer(on: hosts.0)
      let capture = try Capture(on: hosts.1, filter: "udp port 46808")
      try ada.up()
      try eventually("ada announces itself twice") { capture.datagrams().count >= 2 }
      let seen = try capture.stopAndParse()
      #expect(seen.allSatisfy { $0.destination == "10.77.0.255" && $0.payload.count == 16 })
      let port = [UInt8(Peer.port >> 8), UInt8(Peer.port & 0xff)]
      let address = try ada.identity().address6.addressBytes
      for payload in seen.map({ $0.payload.dropFirst(2) }) {
        #expect(!payload.holds(Array(address[2..<6])) && !Array(payload.prefix(2)).holds(port))
      }
    }

    @Test("a daemon that is told not to does not announce itself, and hears nobody")
    func off() throws {
      let lab = try Lab()
      let hosts = try lab.linkedHosts()
      let (ada, bob) = (try Peer(on: hosts.0), try Peer(on: hosts.1))
      let file = "\(lab.directory)/quiet.toml"
      try "lan_discovery = false".write(toFile: file, atomically: true, encoding: .utf8)
      let capture = try Capture(on: hosts.0, filter: "udp port 46808 and src 10.77.0.1")
      let others = try Capture(on: hosts.0, filter: "udp port 46808 and src 10.77.0.2")
      try ada.up("--config", file)
      try bob.up()
      try ada.add(bob)
      try eventually("bob announces itself") { others.datagrams().count >= 1 }
      #expect(try ada.status(of: bob)?.state == .idle)
      #expect(try capture.stopAndParse().isEmpty)
    }
  }
}

extension Collection<UInt8> {
  fileprivate func holds(_ part: [UInt8]) -> Bool {
    let all = Array(self)
    guard all.count >= part.count else { return false }
    return (0...all.count - part.count).contains { Array(all[$0..<$0 + part.count]) == part }
  }
}
