import Testing

extension SystemTests {
  /// Peers whose kernels can do different things: what one leaves to the other must not depend on
  /// what the other has.
  @Suite("Peers with different kernels", .serialized)
  struct InteroperationTests {
    /// What one peer's machine lacks; the other's lacks nothing.
    struct Machine: CustomTestStringConvertible, Sendable {
      let testDescription: String
      var refusals: Refusals = []
      /// Features to switch off with ethtool on its cable and on its overlay interface.
      var cable: [String] = []
      var overlay: [String] = []
    }

    static let machines = [
      Machine(testDescription: "cannot cut datagrams", refusals: .udpGSO),
      Machine(testDescription: "cannot join datagrams", refusals: .udpGRO),
      Machine(testDescription: "knows no large UDP packets", refusals: .uso),
      Machine(testDescription: "knows no large packets", refusals: [.uso, .tso]),
      Machine(
        testDescription: "can do nothing",
        refusals: [.udpGSO, .udpGRO, .uso, .tso, .checksum]),
      Machine(testDescription: "has a plain cable", cable: ["gso", "tso", "gro", "tx"]),
      Machine(
        testDescription: "has its overlay interface's offloads off",
        overlay: ["tx", "tso", "gso", "gro", "tx-udp-segmentation"]),
      Machine(
        testDescription: "keeps checksums on its overlay interface only",
        overlay: ["tso", "tx-udp-segmentation"]),
    ]

    @Test("exchange files and datagrams with one that", arguments: machines)
    func exchange(_ machine: Machine) throws {
      let lab = try Lab()
      let (ada, bob) = try lab.acquaintedPeers(
        on: lab.linkedHosts(), refusing: (machine.refusals, []))
      for (device, features) in [("eth0", machine.cable), (Peer.interface, machine.overlay)]
      where !features.isEmpty {
        for feature in features {
          try ada.host.expect("ethtool", "-K", device, feature, "off")
        }
      }
      #expect(try ada.reaches(bob))
      let (own, full) = (try ada.status().dataPath, try bob.status().dataPath)
      #expect(full.udpGSO && full.udpGRO)
      #expect(full.tunOffload == ["checksum", "tso4", "tso6", "uso"])
      #expect(own.udpGSO == !machine.refusals.contains(.udpGSO))
      #expect(own.udpGRO == !machine.refusals.contains(.udpGRO))
      #expect(own.tunOffload == machine.refusals.left)
      try expectFiles(from: ada, to: bob)
      try expectDatagrams(from: ada, to: bob, 1)
      for peer in [ada, bob] {
        #expect(try peer.host.badChecksums() == 0)
        #expect(try peer.status().counters["dropped.tun"] == 0)
      }
    }
  }
}

extension Refusals {
  /// The offloads of a TUN device, as `status` names them, that are left; each needs the one before.
  fileprivate var left: [String] {
    var names: [String] = []
    for (refusal, offloads) in [
      (Refusals.checksum, ["checksum"]), (.tso, ["tso4", "tso6"]), (.uso, ["uso"]),
    ] {
      guard !contains(refusal) else { break }
      names += offloads
    }
    return names
  }
}
