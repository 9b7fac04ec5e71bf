import IPv8Crypto
import IPv8Wire

/// Getting through to a NAT whose ports nobody can guess: many sockets there, many tries here.
public enum BirthdayProbe {
  /// Sockets that the hard side opens, a knock from each at the easy side's endpoint.
  public static let socketCount = 256
  /// Ports that the easy side tries.
  public static let tryCount = 1_024
  /// Packets of both sides together.
  public static let packetLimit = 1_300
  /// Ports that a NAT gives: 1024...65535.
  public static let portCount = 64_512
  /// Between two of the hard side's sockets, and of the easy side's tries: 100 a second.
  static let openSpacing = Interval.milliseconds(5)
  static let trySpacing = Interval.milliseconds(10)
  /// When the easy side begins: most of the sockets are open then.
  static let head = Interval.seconds(1)

  /// The probability that one of `tries` different random ports is one of `sockets` random ports,
  /// drawn with replacement: 1 − (1 − sockets / 64512)^tries.
  public static func probability(sockets: Int, tries: Int) -> Double {
    var miss = 1.0
    for _ in 0..<max(tries, 0) { miss *= 1 - Double(sockets) / Double(portCount) }
    return 1 - miss
  }

  public static func hard(at peer: Endpoint) -> [ScheduledKnock] {
    (0..<socketCount).map { socket in
      ScheduledKnock(
        at: openSpacing * Int64(socket), socket: socket, destination: peer, content: .bare)
    }
  }

  /// - Parameter shuffle: goes on where an earlier attempt stopped, so that no port is tried twice.
  public static func easy(at address: IPAddress, _ shuffle: inout PortShuffle) -> [ScheduledKnock] {
    (0..<tryCount).map { place in
      ScheduledKnock(
        at: head + trySpacing * Int64(place), socket: 0,
        destination: Endpoint(address, port: shuffle.next()), content: .bare)
    }
  }
}

/// All ports of a NAT in random order, each once before any comes again.
public struct PortShuffle: Sendable {
  private var random: SeededRandom
  private var drawn = 0
  /// Fisher and Yates's swaps so far; places that are not here hold themselves.
  private var swapped: [Int: Int] = [:]

  public init(seed: UInt64) { random = SeededRandom(seed: seed) }

  public mutating func next() -> UInt16 {
    if drawn == BirthdayProbe.portCount { (drawn, swapped) = (0, [:]) }
    let place = Int.random(in: drawn..<BirthdayProbe.portCount, using: &random)
    let port = swapped[place] ?? place
    swapped[place] = swapped[drawn] ?? drawn
    swapped[drawn] = nil
    drawn += 1
    return UInt16(1_024 + port)
  }
}

/// When a costly attempt at a pair may be made: once an hour, ever more rarely while it fails.
public struct PunchBudget: Sendable {
  /// Between attempts, at first and at last.
  static let shortestWait = Interval.seconds(3_600)
  static let longestWait = Interval.seconds(86_400)
  /// Pairs that are remembered; beyond, the one that may go first is forgotten.
  static let pairLimit = 1_024

  private struct Pair: Sendable {
    var wait: Interval
    var next: Timestamp
  }

  private var pairs: [PermID: Pair] = [:]

  public init() {}

  /// Whether an attempt with `peer` may be made now; if so it counts as made.
  public mutating func take(_ peer: PermID, at now: Timestamp) -> Bool {
    let known = pairs[peer]
    if let known, now < known.next { return false }
    let wait = known.map { min($0.wait * 2, Self.longestWait) } ?? Self.shortestWait
    if known == nil, pairs.count >= Self.pairLimit { forgetOne() }
    pairs[peer] = Pair(wait: wait, next: now + wait)
    return true
  }

  /// An attempt succeeded: the next wait is an hour again.
  public mutating func succeeded(_ peer: PermID) { pairs[peer]?.wait = Self.shortestWait / 2 }

  /// Our network changed: what failed before says nothing.
  public mutating func networkChanged() { pairs = [:] }

  private mutating func forgetOne() {
    let first = pairs.min { ($0.value.next, $0.key) < ($1.value.next, $1.key) }
    if let first { pairs[first.key] = nil }
  }
}
