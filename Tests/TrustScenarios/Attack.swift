import IPv8Trust
import IPv8Wire

/// What an attacker does to be trusted more than honest peers trust it.
public struct Attack: Sendable {
  /// How the fake peers are joined.
  public enum Shape: String, CaseIterable, Sendable {
    /// Each trusts the attacker and is trusted by it.
    case star
    /// The attacker trusts all, each trusts the next.
    case ring
    /// Each trusts 20 others of them.
    case mesh
    /// The attacker trusts the first, each the next.
    case chain
    /// Each is trusted by one, and trusts it and two more.
    case tree
  }

  public var name: String
  public var shape = Shape.star
  public var fakes = 0
  /// Honest peers that trust an attacker.
  public var attackEdges = 3
  /// Attackers that share the attack edges and the fake peers.
  public var attackers = 1
  /// The observer has blocked the first attacker, which comes again under another name.
  public var isWhitewashing = false
  /// The honest peers that trust an attacker are ones that the observer trusts.
  public var isNear = false

  public init(_ name: String) { self.name = name }

  public func with(_ change: (inout Attack) -> Void) -> Attack {
    var copy = self
    change(&copy)
    return copy
  }

  /// The shapes of docs/benchmarks/trust.md.
  public static let all: [Attack] = {
    let none = Attack("no fake peers")
    var attacks = [none]
    for fakes in [20, 200, 2_000] {
      attacks.append(Attack("star of \(fakes)").with { $0.fakes = fakes })
    }
    for shape in Shape.allCases where shape != .star {
      attacks.append(
        Attack("\(shape.rawValue) of 200").with {
          $0.fakes = 200
          $0.shape = shape
        })
    }
    attacks.append(
      Attack("collusion: 10 attackers, 30 edges").with {
        $0.attackers = 10
        $0.attackEdges = 30
      })
    attacks.append(
      Attack("the same with a mesh of 200").with {
        $0.attackers = 10
        $0.attackEdges = 30
        $0.fakes = 200
        $0.shape = .mesh
      })
    for edges in [1, 10, 30, 100] {
      attacks.append(
        Attack("\(edges) bought edges, star of 200").with {
          $0.attackEdges = edges
          $0.fakes = 200
        })
    }
    for fakes in [0, 20, 2_000] {
      attacks.append(
        Attack("1 friend deceived, star of \(fakes)").with {
          $0.fakes = fakes
          $0.attackEdges = 1
          $0.isNear = true
        })
    }
    attacks.append(
      Attack("whitewashed, star of 200").with {
        $0.fakes = 200
        $0.isWhitewashing = true
      })
    return attacks
  }()
}

/// An honest graph under attack, seen by one honest peer.
public struct Scenario: Sendable {
  public let graph: RelationGraph
  public let observer: PeerNumber
  /// Attackers and fake peers.
  public let hostile: Range<PeerNumber>

  public init(_ attack: Attack, honest: [Edge], honestCount: Int, seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let observer = PeerNumber(random.next() % UInt64(honestCount))
    let first = PeerNumber(honestCount)
    let attackers = first..<first + PeerNumber(attack.attackers + (attack.isWhitewashing ? 1 : 0))
    let fakes = attackers.upperBound..<attackers.upperBound + PeerNumber(attack.fakes)
    var edges = honest
    // Who starts anew has lost its edges; they still go to the name it had.
    let believed = attack.isWhitewashing ? attackers.dropLast() : attackers
    for i in 0..<attack.attackEdges {
      let attacker = believed[believed.startIndex + PeerNumber(i % believed.count)]
      let victim = Self.victim(attack, of: observer, honest, honestCount, &random)
      edges.append(Edge(victim, attacker, weight: HonestGraph.weight(&random)))
      edges.append(Edge(attacker, victim, weight: 1))
    }
    let base = attack.isWhitewashing ? attackers.suffix(1) : attackers
    edges += Self.fakeEdges(attack.shape, base, fakes, &random)
    if attackers.count > 1, !attack.isWhitewashing {
      for a in attackers {
        for b in attackers where a != b { edges.append(Edge(a, b, weight: 500)) }
      }
    }
    var graph = RelationGraph(
      peerCount: honestCount + attackers.count + fakes.count, edges: edges)
    if attack.isWhitewashing { graph.block(first) }
    self.graph = graph
    self.observer = observer
    hostile = first..<fakes.upperBound
  }

  private static func victim(
    _ attack: Attack, of observer: PeerNumber, _ honest: [Edge], _ honestCount: Int,
    _ random: inout SeededRandom
  ) -> PeerNumber {
    let friends = attack.isNear ? honest.filter { $0.source == observer }.map(\.target) : []
    if !friends.isEmpty { return friends[Int(random.next() % UInt64(friends.count))] }
    while true {
      let victim = PeerNumber(random.next() % UInt64(honestCount))
      if victim != observer { return victim }
    }
  }

  private static func fakeEdges(
    _ shape: Attack.Shape, _ attackers: Range<PeerNumber>, _ fakes: Range<PeerNumber>,
    _ random: inout SeededRandom
  ) -> [Edge] {
    var edges: [Edge] = []
    for (i, fake) in fakes.enumerated() {
      let attacker = attackers[attackers.startIndex + PeerNumber(i % attackers.count)]
      let isLed = shape == .star || shape == .ring || shape == .mesh || i == 0
      if isLed { edges.append(Edge(attacker, fake, weight: 1_000)) }
      edges.append(Edge(fake, attacker, weight: 1_000))
      switch shape {
      case .star: break
      case .ring:
        edges.append(
          Edge(fake, fakes[fakes.startIndex + PeerNumber((i + 1) % fakes.count)], weight: 1_000))
      case .mesh:
        for _ in 0..<20 {
          let other = fakes[fakes.startIndex + PeerNumber(random.next() % UInt64(fakes.count))]
          edges.append(Edge(fake, other, weight: 1_000))
        }
      case .chain:
        if i > 0 { edges.append(Edge(fake - 1, fake, weight: 1_000)) }
      case .tree:
        let parent = fakes.startIndex + PeerNumber((i - 1) / 2)
        if i > 0 { edges += [Edge(parent, fake, weight: 1_000), Edge(fake, parent, weight: 1)] }
      }
    }
    return edges
  }

  /// What an attack was worth.
  public struct Gain: Equatable, Sendable {
    /// The hostile peers' part of all scores.
    public let share: Double
    /// The hostile peers' scores together.
    public let total: Double
    /// The place of the best hostile peer among all, 1 for the first; as many as peers where none has
    /// a score.
    public let rank: Int
  }

  public func gain(of function: any TrustFunction) -> Gain {
    var function = function
    function.compute(on: graph)
    let places = function.ranking(on: graph, except: observer).places
    let whole = places.reduce(0) { $0 + $1.score }
    let total = places.reduce(0) { $0 + (hostile.contains($1.peer) ? $1.score : 0) }
    let best = places.firstIndex { hostile.contains($0.peer) }
    return Gain(
      share: whole > 0 ? total / whole : 0, total: total,
      rank: best.map { $0 + 1 } ?? graph.peerCount)
  }
}
