import Testing

extension SystemTests {
  /// Everything at once and as fast as it goes, while a raw capture takes samples.
  @Suite("Mixed load", .serialized)
  struct MixedLoadTests {
    struct Setting: CustomTestStringConvertible, Sendable {
      let testDescription: String
      var offloads = true
      var lanes = (1, 1)
      /// Whether the samples are taken where the flows are called from.
      var atCaller = false
    }

    static let settings = [
      Setting(testDescription: "at the receiver"),
      Setting(testDescription: "at the sender", atCaller: true),
      Setting(testDescription: "on a cable without offloads", offloads: false),
      Setting(testDescription: "of several lanes", lanes: (3, 2)),
    ]

    @Test("has right checksums in every sample", arguments: settings)
    func samples(_ setting: Setting) throws {
      let lab = try Lab()
      let (ada, bob) = try lab.acquaintedPeers(
        on: lab.linkedHosts(),
        configuration: ("lanes = \(setting.lanes.0)", "lanes = \(setting.lanes.1)"))
      if !setting.offloads {
        for peer in [ada, bob] { try peer.host.switchOffloads(off: "eth0") }
      }
      #expect(try ada.reaches(bob))
      let before = try [ada, bob].map { try $0.host.badChecksums() }
      let sampled = setting.atCaller ? ada : bob
      let capture = try WireCapture(on: sampled.host, interface: Peer.interface, room: 1 << 20)
      let load = try Self.load(from: ada, to: bob)
      let verdict = try capture.judge { load.allSatisfy { !$0.isRunning } }
      for outcome in try load.map({ try $0.finish() }) { #expect(outcome.succeeded, "\(outcome)") }
      #expect(verdict.faults.isEmpty, "\(verdict)")
      #expect(verdict.packets[6, default: 0] > 500 && verdict.packets[17, default: 0] > 500)
      #expect(verdict.packets[1, default: 0] > 0 && verdict.packets[58, default: 0] > 0)
      #expect(verdict.fragments > 0)
      #expect(try [ada, bob].map { try $0.host.badChecksums() } == before)
    }

    /// TCP and UDP both ways, pings of many sizes, fragments among them, by both families.
    private static func load(from ada: Peer, to bob: Peer) throws -> [Command] {
      var load: [Command] = []
      for (isIPv6, port) in [(true, 5_201), (false, 5_211)] {
        let address = try ada.address(of: bob, isIPv6: isIPv6)
        let flows = [["-P", "2", "--bidir"], ["-u", "-b", "20M", "-l", "700", "--bidir"]]
        for (number, flow) in flows.enumerated() {
          let place = ["-p", "\(port + number)"]
          load.append(try bob.host.start(["iperf3", "-s", "-1"] + place))
          try eventually("iperf3 listens") {
            try bob.host.run("ss", "-Hltn").output.contains(":\(port + number) ")
          }
          load.append(try ada.host.start(["iperf3", "-t", "4", "-c", address] + place + flow))
        }
        load.append(
          try ada.host.start(
            "sh", "-c",
            """
            for size in 1 57 1200 1201 2000 5001; do
              ping -q -c 60 -i 0.01 -W 1 -s $size \(address) || true
            done
            """))
      }
      return load
    }
  }
}
