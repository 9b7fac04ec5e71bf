import Foundation
import Testing

extension SystemTests {
  /// docs/protocol/admission.md, directory.md: whole programs that know their neighbours alone.
  @Suite("Records", .serialized)
  struct RecordTests {
    @Test("ten in a chain that know their neighbours alone reach each other within ten seconds")
    func chain() throws {
      let chain = try Chain(10)
      try chain.acquaint()
      let clock = ContinuousClock()
      let start = clock.now
      #expect(try chain.allReach(until: start + .seconds(10)))
      print("all pairs of ten answered after \(clock.now - start)")
      // The ends of the chain have no neighbour left that they were told of.
      for place in [1, 8] { try chain.kill(place) }
      let left = [0] + Array(2..<8) + [9]
      #expect(try chain.allReach(left, until: clock.now + .seconds(10)))
      // What was learnt is stored: the end of the chain is started anew, its only contact dead.
      try chain.kill(0)
      try chain.start(0)
      #expect(try chain.allReach(left, until: clock.now + .seconds(20)))
    }

    @Test("two halves of a network agree within ten seconds of being joined")
    func partition() throws {
      let chain = try Chain(6)
      // Two chains of three, and nothing between them.
      try chain.acquaint(besides: [2])
      #expect(try chain.agree([0, 1, 2], on: 3, until: .now + .seconds(10)))
      #expect(try chain.agree([3, 4, 5], on: 3, until: .now + .seconds(10)))
      #expect(try !chain.peers[0].reaches(chain.peers[5]))
      try chain.join(2, 3)
      #expect(try chain.agree(Array(0..<6), on: 6, until: .now + .seconds(10)))
      #expect(try chain.allReach(until: .now + .seconds(10)))
    }

    @Test("who is let in follows the command, and a block ends the session")
    func classes() throws {
      let chain = try Chain(3)
      try chain.acquaint()
      let (one, two, three) = (chain.peers[0], chain.peers[1], chain.peers[2])
      #expect(try chain.allReach(until: .now + .seconds(10)))
      // The middle one is the first one's friend; the last one is trusted for its sake.
      let trust = try one.trust(three)
      #expect(trust.standing == "trusted" && trust.friendHops == 2)
      #expect(try one.friendPaths(to: three) == [[0, 1, 2], [0, 1, 2]].map(chain.names))
      for name in [try three.identity().permID, try three.identity().address6] {
        let path = try one.expect("path", name).output
        #expect(path.contains("open") && path.contains("direct"), "\(path)")
      }
      #expect(try one.tun("path", "n2").status == 67, "not by a name that it gives itself")

      try one.expect("admit", "added")
      #expect(try one.fails(to: three) && three.fails(to: one) && one.reaches(two))
      #expect(try (one.status().counters["refused.notAdded"] ?? 0) > 0)
      try one.expect("admit", "trusted")
      #expect(try chain.eventually { try three.reaches(one) && one.reaches(three) })

      try one.expect("block", "n1")
      #expect(try one.fails(to: two) && two.fails(to: one))
      try one.expect("unblock", "n1")
      #expect(try chain.eventually { try two.reaches(one) && one.reaches(two) })
    }

    @Test("of a stranger no packet passes, and it learns what it asks")
    func stranger() throws {
      let chain = try Chain(3)
      try chain.acquaint(besides: [1])
      let (two, three) = (chain.peers[1], chain.peers[2])
      // The last one knows the middle one, which knows nothing of it.
      try three.add(two, at: two.host.underlay, keepOpen: true)
      #expect(try chain.eventually { try three.status(of: two)?.state == .open })
      #expect(try three.fails(to: two))
      #expect(try (two.status().counters["dropped.stranger"] ?? 0) > 0)
      #expect(try chain.agree([2], on: 3, until: .now + .seconds(10)))
      try two.expect("admit", "anyone")
      #expect(try chain.eventually { try three.reaches(two) })
    }

    @Test("a daemon killed while it exchanges records starts again, and has what it had")
    func kills() throws {
      let chain = try Chain(3)
      try chain.acquaint()
      #expect(try chain.agree([0, 1, 2], on: 3, until: .now + .seconds(10)))
      for round in 0..<5 {
        try chain.kill(1)
        try chain.start(1)
        // While the sessions of the exchange are under way.
        Thread.sleep(forTimeInterval: 0.1 * Double(round))
        #expect(try chain.peers[1].admission().bindings >= 2)
      }
      #expect(try chain.agree([0, 1, 2], on: 3, until: .now + .seconds(10)))
      #expect(try chain.allReach(until: .now + .seconds(15)))
    }
  }
}

/// Peers of which each has its neighbours in its address book, and trusts them.
final class Chain {
  let lab: Lab
  let peers: [Peer]
  private let file: String

  init(_ count: Int) throws {
    let lab = try Lab()
    self.lab = lab
    peers = try (0..<count).map { try Peer(on: lab.host("n\($0)", at: "10.88.0.\($0 + 1)")) }
    file = "\(lab.directory)/chain.toml"
    try "friend_hops = 9\n".write(toFile: file, atomically: true, encoding: .utf8)
    for place in peers.indices { try start(place) }
  }

  func start(_ place: Int) throws { try peers[place].up("--config", file) }

  func kill(_ place: Int) throws {
    let daemon = try peers[place].daemon()
    Glibc.kill(daemon, SIGKILL)
    guard try eventually({ try peers[place].daemons().isEmpty }) else {
      throw LabError.daemons([daemon])
    }
  }

  /// - Parameter gaps: places whose peer does not know the next one.
  func acquaint(besides gaps: Set<Int> = []) throws {
    for place in peers.indices.dropLast() where !gaps.contains(place) {
      try join(place, place + 1)
    }
  }

  func join(_ a: Int, _ b: Int) throws {
    for (one, two) in [(peers[a], peers[b]), (peers[b], peers[a])] {
      try one.add(two, at: two.host.underlay, keepOpen: true)
      try one.expect("trust", two.host.name, "1")
    }
  }

  func names(_ places: [Int]) throws -> [String] {
    try places.map { try peers[$0].identity().permID }
  }

  /// Whether each of `places` reaches each other one at some time until `end`.
  func allReach(_ places: [Int]? = nil, until end: ContinuousClock.Instant) throws -> Bool {
    let places = places ?? Array(peers.indices)
    var addresses: [Int: String] = [:]
    for place in places { addresses[place] = try peers[place].identity().address6 }
    var missing = places.flatMap { one in places.filter { $0 != one }.map { (one, $0) } }
    while !missing.isEmpty, ContinuousClock.now < end {
      let tries = try missing.map { one, two in
        try peers[one].host.start("ping", "-c", "1", "-W", "1", addresses[two] ?? "")
      }
      var still: [(Int, Int)] = []
      for (pair, attempt) in zip(missing, tries) {
        if try !attempt.finish(within: 5).succeeded { still.append(pair) }
      }
      missing = still
    }
    return missing.isEmpty
  }

  /// Whether `places` export the same records by `end`, with so many bindings among them.
  func agree(_ places: [Int], on bindings: Int, until end: ContinuousClock.Instant) throws -> Bool {
    while ContinuousClock.now < end {
      let tables = try places.map { try peers[$0].records() }
      if try tables.allSatisfy({ $0 == tables[0] })
        && peers[places[0]].admission().bindings == bindings
      {
        return true
      }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return false
  }

  func eventually(_ condition: () throws -> Bool) throws -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      if try condition() { return true }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return false
  }
}

/// `ipv8-tun admit --json`
struct AdmissionFacts: Decodable {
  let admit: String
  let bindings: Int
}

/// `ipv8-tun trust PEER --json`
struct TrustFacts: Decodable {
  let standing: String
  let friendHops: Int?
}

extension Peer {
  private struct Paths: Decodable {
    struct Path: Decodable { let peers: [String] }
    let paths: [Path]
  }

  func admission() throws -> AdmissionFacts {
    try JSONDecoder().decode(
      AdmissionFacts.self, from: Data(expect("admit", "--json").output.utf8))
  }

  /// Every record that it keeps, as `records export` writes it.
  func records() throws -> Set<Substring> {
    try Set(expect("records", "export").output.split(separator: "\n"))
  }

  func trust(_ other: Peer) throws -> TrustFacts {
    let outcome = try expect("trust", other.identity().permID, "--json")
    return try JSONDecoder().decode(TrustFacts.self, from: Data(outcome.output.utf8))
  }

  func friendPaths(to other: Peer) throws -> [[String]] {
    let outcome = try expect("friends", "path", other.identity().permID, "--json")
    return try JSONDecoder().decode(Paths.self, from: Data(outcome.output.utf8)).paths.map(\.peers)
  }

  /// Whether three echoes in a row are not answered.
  func fails(to other: Peer) throws -> Bool {
    for _ in 0..<3 where try reaches(other) { return false }
    return true
  }
}
