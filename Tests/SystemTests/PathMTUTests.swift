import Foundation
import Testing

extension SystemTests {
  /// Ways between two peers that take less than Ethernet does.
  @Suite("The path MTU", .serialized)
  struct PathMTUTests {
    struct Way: CustomTestStringConvertible, Sendable {
      let mtu: Int
      /// Whether routers tell what they drop.
      let isMute: Bool
      var testDescription: String { "\(mtu) bytes, \(isMute ? "a black hole" : "with errors")" }
    }

    static let ways = [
      Way(mtu: 1500, isMute: false), Way(mtu: 1280, isMute: false), Way(mtu: 1280, isMute: true),
      Way(mtu: 1124, isMute: false), Way(mtu: 1124, isMute: true), Way(mtu: 600, isMute: true),
    ]

    private func pair(
      _ way: Way, configuration: String = ""
    ) throws -> (RoutedLine, Peer, Peer) {
      let lab = try Lab()
      let line = try RoutedLine(in: lab)
      try line.set(mtu: way.mtu)
      if way.isMute { try line.silenceErrors() }
      let (ada, bob) = try lab.acquaintedPeers(
        on: (line.ada, line.bob), configuration: (configuration, configuration))
      return (line, ada, bob)
    }

    @Test("packets of all sizes and files cross", arguments: ways)
    func crossing(_ way: Way) throws {
      let (_, ada, bob) = try pair(way)
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      let before = try ada.status().counters["sent.fragmented"] ?? 0
      for isIPv6 in [true, false] {
        let address = try ada.address(of: bob, isIPv6: isIPv6)
        let started = ContinuousClock.now
        try eventually("the largest ping is answered", within: 10) {
          try ada.host.run(
            "ping", "-q", "-c", "1", "-W", "0.3", "-M", "dont", "-s", "1400", address
          ).succeeded
        }
        try eventually("the search is over") {
          try ada.status(of: bob)?.path.mtu?.settled == true
            && bob.status(of: ada)?.path.mtu?.settled == true
        }
        print("\(way), IPv6 \(isIPv6): large pings after \(ContinuousClock.now - started)")
        let outcome = try ada.host.run(
          "sh", "-c",
          """
          for size in 0 1 56 $(seq 470 37 1000) $(seq 1000 11 1232); do
            ping -q -c 1 -W 3 -s $size -M dont \(address) >/dev/null || echo $size
          done
          # Of longer ones either kernel may have to be told once that they do not cross whole.
          for size in $(seq 1240 11 1420) 1452 1472 3001 7777; do
            for attempt in 1 2 3; do
              ping -q -c 1 -W 1 -s $size -M dont \(address) >/dev/null && break
              [ $attempt -lt 3 ] || echo $size
            done
          done
          """, within: 120)
        #expect(outcome.output.isEmpty, "unanswered: \(outcome)")
      }
      try expectFiles(from: ada, to: bob, bytes: 5_000_000)
      let report = try #require(ada.status(of: bob)?.path.mtu)
      print("\(way): \(report), \(try ada.status().counters.filter { $0.value > 0 })")
      #expect(report.outer <= way.mtu && report.inner >= min(way.mtu - 70, 1420))
      if way.mtu == 1500 {
        // The first packet of all may have crossed in two, before the way had answered.
        #expect(try ada.status().counters["sent.fragmented"] ?? 0 <= before + 2)
      }
    }

    @Test(
      "lowered during a transfer it costs less than 3 s", arguments: [1280, 1124], [true, false])
    func lowered(mtu: Int, isMute: Bool) throws {
      let (line, ada, bob) = try pair(Way(mtu: 1500, isMute: isMute))
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      let address = try ada.address(of: bob, isIPv6: true)
      let shell = try SecureShell(on: bob.host)
      let (file, arrived) = try ada.host.lab.randomFile(bytes: 50_000_000)
      // So slow that it lasts some seconds.
      try ada.host.expect(
        "tc", "qdisc", "add", "dev", "eth0", "root", "tbf", "rate", "80mbit", "burst", "32kb",
        "limit", "200kb")
      let copy = try ada.host.start(ada.host.copy(file, to: arrived, at: address, of: shell))
      let counting = try ada.host.startCounting(to: 60, at: address, of: shell)
      func size() -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: arrived)
        return attributes?[.size] as? Int ?? 0
      }
      try eventually("the copy is under way") { size() > 5_000_000 }
      try line.set(mtu: mtu)
      let lowered = ContinuousClock.now
      var (last, longest) = (size(), Duration.zero)
      var moved = lowered
      while ContinuousClock.now - lowered < .seconds(4) {
        usleep(2_000)
        let now = size()
        if now != last {
          longest = max(longest, ContinuousClock.now - moved)
          (last, moved) = (now, ContinuousClock.now)
        }
      }
      print("lowered to \(mtu), errors \(!isMute): the file stood still for \(longest)")
      #expect(longest < .seconds(3) && last > 5_000_000)
      #expect(try copy.finish(within: 120).succeeded)
      #expect(try counting.finishCounting(to: 60))
      #expect(FileManager.default.contentsEqual(atPath: file, andPath: arrived))
      let report = try #require(ada.status(of: bob)?.path.mtu)
      #expect(report.outer <= mtu)
    }

    @Test("a local program is told what crosses, where the interface gives more")
    func errors() throws {
      let (_, ada, bob) = try pair(Way(mtu: 1400, isMute: true), configuration: "mtu = 1420\n")
      try eventually("ada reaches bob") { try ada.reaches(bob) }
      for isIPv6 in [true, false] {
        let address = try ada.address(of: bob, isIPv6: isIPv6)
        try eventually("the search is over") {
          _ = try ada.host.run(
            "ping", "-q", "-c", "1", "-W", "0.2", "-M", "dont", "-s", "1200", address)
          return try ada.status(of: bob)?.path.mtu?.settled == true
        }
        let refused = try ada.host.run(
          "ping", "-c", "2", "-i", "0.2", "-W", "1", "-M", "do", "-s", "1350", address)
        #expect(refused.output.contains("mtu") || refused.error.contains("mtu"), "\(refused)")
      }
      try expectFiles(from: ada, to: bob)
    }
  }
}
