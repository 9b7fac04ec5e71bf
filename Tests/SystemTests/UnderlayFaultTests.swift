import Foundation
import Testing

extension SystemTests {
  /// What the network beneath does to datagrams, the programs above do not notice but by time.
  @Suite("A faulty underlay", .serialized)
  struct UnderlayFaultTests {
    struct Underlay: CustomTestStringConvertible, Sendable {
      let testDescription: String
      let faults: ImpairedCable.Faults
      /// Whether trains of datagrams cross as one, and share its fate.
      let joined: Bool
    }

    static let underlays = [true, false].flatMap { joined in
      [
        ("loses", ImpairedCable.Faults(loss: 0.01)),
        ("doubles", ImpairedCable.Faults(duplication: 0.05)),
        ("reorders", ImpairedCable.Faults(reordering: 0.05)),
        ("does it all", ImpairedCable.Faults(loss: 0.01, duplication: 0.02, reordering: 0.02)),
      ].map { name, faults in
        Underlay(
          testDescription: "\(name), \(joined ? "trains" : "single datagrams")", faults: faults,
          joined: joined)
      }
    }

    @Test("a file and datagrams arrive as they were, over one that", arguments: underlays)
    func transfers(_ underlay: Underlay) throws {
      let seed = UInt64.random(in: 0...UInt64.max)
      print("underlay that \(underlay.testDescription), seed \(seed)")
      let lab = try Lab()
      let cable = try ImpairedCable(
        in: lab, underlay.faults, seed: seed, joined: underlay.joined)
      let (ada, bob) = try lab.acquaintedPeers(on: cable.hosts)
      try eventually("the peers reach each other") { try ada.reaches(bob) }
      try expectFiles(from: ada, to: bob)
      try expectDatagrams(from: ada, to: bob, seed)
      let counts = cable.counts
      print("underlay that \(underlay.testDescription): \(counts)")
      #expect((counts.lost > 0) == (underlay.faults.loss > 0))
      #expect((counts.doubled > 0) == (underlay.faults.duplication > 0))
      #expect((counts.late > 0) == (underlay.faults.reordering > 0))
      let replayed = try [ada, bob].compactMap { try $0.status().counters["dropped.replay"] }
      #expect((replayed.reduce(0, +) > 0) == (counts.doubled > 0), "\(replayed)")
      for peer in [ada, bob] {
        #expect(try peer.host.badChecksums() == 0)
        #expect(try peer.status().counters["dropped.authentication"] == 0)
        #expect(try peer.status().counters["dropped.tun"] == 0)
      }
    }
  }
}

/// A file there and back again, as its own bytes, by both address families.
func expectFiles(
  from ada: Peer, to bob: Peer, bytes: Int = 3_000_000,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let shell = try SecureShell(on: bob.host)
  let (sent, arrived) = try ada.host.lab.randomFile(bytes: bytes)
  for isIPv6 in [true, false] {
    try expectFile(
      sent, by: arrived, between: ada.host, and: ada.address(of: bob, isIPv6: isIPv6), of: shell,
      sourceLocation: sourceLocation)
  }
}

/// `file` to `address` and back again, as its own bytes.
func expectFile(
  _ file: String, by path: String, between host: Host, and address: String,
  of shell: SecureShell, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let back = path + ".back"
  let there = try host.run(host.copy(file, to: path, at: address, of: shell), within: 300)
  #expect(there.succeeded, "to \(address): \(there)", sourceLocation: sourceLocation)
  let returned = try host.run(host.fetch(path, to: back, at: address, of: shell), within: 300)
  #expect(returned.succeeded, "from \(address): \(returned)", sourceLocation: sourceLocation)
  for arrived in [path, back] {
    #expect(
      FileManager.default.contentsEqual(atPath: file, andPath: arrived), "\(address)",
      sourceLocation: sourceLocation)
    try? FileManager.default.removeItem(atPath: arrived)
  }
}

/// Datagrams both ways by both address families, each of them once.
func expectDatagrams(
  from ada: Peer, to bob: Peer, _ seed: UInt64,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  for isIPv6 in [true, false] {
    for (near, far) in [(ada, bob), (bob, ada)] {
      let address = try near.address(of: far, isIPv6: isIPv6)
      let (sender, receiver) = (
        try NamespaceSocket(on: near.host, isIPv6: isIPv6),
        try NamespaceSocket(on: far.host, port: 7_000, isIPv6: isIPv6)
      )
      try receiver.enlarge(to: 16 << 20)
      let transfer = DatagramTransfer(
        runs: 60, largest: isIPv6 ? 1_232 : 1_252, seed: seed &+ (isIPv6 ? 1 : 2))
      let report = try transfer.run(from: sender, to: address, receiver)
      #expect(report == DatagramTransfer.Report(), "\(address)", sourceLocation: sourceLocation)
    }
  }
}
