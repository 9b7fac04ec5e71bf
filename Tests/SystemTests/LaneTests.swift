import Foundation
import Testing

extension SystemTests {
  /// docs/protocol: strands.
  @Suite("Machines with several lanes", .serialized)
  struct LaneTests {
    static let settings = [[3, 3], [4, 1], [1, 2]]

    @Test("lose no packet of a new session, whatever lane it takes", arguments: settings)
    func firstPackets(lanes: [Int]) throws {
      let (ada, bob) = try Lab().peers(lanes: lanes)
      #expect(try ada.status().dataPath.lanes == lanes[0])
      #expect(try bob.status().dataPath.lanes == lanes[1])
      let address = try bob.identity().address6
      // Each has an identifier of its own, so the flows spread over the queues. Few enough packets wait
      // for the session that none is dropped for their number.
      let pings = try (0..<8).map { _ in
        try ada.host.start("ping", "-q", "-c", "5", "-i", "0.2", address)
      }
      for ping in pings {
        let outcome = try ping.finish()
        #expect(outcome.output.contains("5 packets transmitted, 5 received"), "\(outcome)")
      }
    }

    @Test("share eight flows in either direction, each whole and in order", arguments: settings)
    func flows(lanes: [Int]) throws {
      let (ada, bob) = try Lab().peers(lanes: lanes)
      for direction in [[], ["-R"]] {
        let server = try bob.host.start("iperf3", "-s", "-1")
        try eventually("iperf3 listens") {
          try bob.host.run("ss", "-Hltn").output.contains(":5201 ")
        }
        let outcome = try ada.host.run(
          ["iperf3", "-t", "2", "-P", "8", "-c", try bob.identity().address6] + direction)
        #expect(outcome.succeeded, "\(outcome)")
        #expect(try server.finish().succeeded)
      }
      if lanes == [3, 3] {
        #expect(try ada.workingLanes("tx") > 1 && bob.workingLanes("rx") > 1)
      }
      // A record that reached another lane's socket was handed over, not dropped.
      for peer in [ada, bob] {
        let counters = try peer.status().counters
        #expect(counters["dropped.replay"] == 0 && counters["dropped.overload"] == 0)
        #expect(counters["dropped.unknownSession"] == 0)
      }
      let shell = try SecureShell(on: bob.host)
      let (sent, arrived) = try ada.host.lab.randomFile(bytes: 20_000_000)
      let outcome = try ada.host.run(
        ada.host.copy(sent, to: arrived, at: bob.identity().address6, of: shell), within: 120)
      #expect(outcome.succeeded, "\(outcome)")
      #expect(FileManager.default.contentsEqual(atPath: sent, andPath: arrived))
    }

    @Test("all follow a peer that has moved", arguments: settings)
    func roaming(lanes: [Int]) throws {
      let (ada, bob) = try Lab().peers(lanes: lanes)
      let address = try bob.identity().address6
      func everyLaneReaches() throws -> Bool {
        let pings = try (0..<8).map { _ in
          try ada.host.start("ping", "-q", "-c", "1", "-W", "1", address)
        }
        return try pings.map { try $0.finish().succeeded }.allSatisfy { $0 }
      }
      try eventually("every lane reaches bob") { try everyLaneReaches() }
      let moved = "\(ada.host.underlay.split(separator: ".").dropLast().joined(separator: ".")).99"
      let left = "\(ada.host.underlay)/24"
      #expect(try ada.host.run("ip", "address", "delete", left, "dev", "eth0").succeeded)
      #expect(try ada.host.run("ip", "address", "add", "\(moved)/24", "dev", "eth0").succeeded)
      try eventually("bob has seen ada's new address") {
        try bob.status(of: ada)?.path.endpoint == "\(moved):\(Peer.port)"
      }
      try eventually("every lane reaches bob again") { try everyLaneReaches() }
    }
  }
}

extension Lab {
  /// Two peers on one cable with these numbers of lanes, up and acquainted. They do not look for each
  /// other in the network: by IPv6 they would go on while an IPv4 address is away.
  fileprivate func peers(lanes: [Int]) throws -> (Peer, Peer) {
    let settings = lanes.map { "lanes = \($0)\nlan_discovery = false" }
    return try acquaintedPeers(on: linkedHosts(), configuration: (settings[0], settings[1]))
  }
}

extension Peer {
  /// How many of the daemon's threads of one direction have slept and woken often.
  fileprivate func workingLanes(_ direction: String) throws -> Int {
    let tasks = "/proc/\(try daemon())/task"
    return try FileManager.default.contentsOfDirectory(atPath: tasks).filter { task in
      let name = try String(contentsOfFile: "\(tasks)/\(task)/comm", encoding: .utf8)
      guard name.hasPrefix("\(direction)-") else { return false }
      let status = try String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)
      let line = status.split(separator: "\n").first { $0.hasPrefix("voluntary_ctxt_switches:") }
      return line.flatMap { Int($0.split(separator: "\t").last ?? "") }.map { $0 > 50 } ?? false
    }.count
  }
}
