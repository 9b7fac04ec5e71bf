import IPv8Wire

/// One datagram of an attempt to get through.
public struct ScheduledKnock: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// A bare INIT, eight bytes.
    case bare
    /// INIT with Noise message 1.
    case call
  }

  /// From the agreed start.
  public let at: Interval
  /// Which of the attempt's sockets sends: 0 is the one whose endpoint the other side was told.
  public let socket: Int
  public let destination: Endpoint
  public let content: Content

  public init(at: Interval, socket: Int, destination: Endpoint, content: Content) {
    self.at = at
    self.socket = socket
    self.destination = destination
    self.content = content
  }
}

/// When to knock where, so that both sides' first packets cross (protocol §4.3).
public enum PunchSchedule {
  /// The three rounds, from the start.
  public static let rounds: [Interval] = [.zero, .milliseconds(250), .milliseconds(750)]
  /// Between two knocks.
  public static let spacing = Interval.milliseconds(20)
  /// Knocks of one attempt at one address, whoever named it: a victim gets 160 bytes at most.
  public static let addressLimit = 20
  /// Candidates that are knocked at.
  public static let candidateLimit = 12
  /// How long after the introduction both begin, at least and at most.
  static let shortestDelay = Interval.milliseconds(50)
  static let longestDelay = Interval.seconds(3)

  /// How long after an introduction both sides begin: one and a half of its way.
  public static func delay(roundTrips a: Interval, _ b: Interval) -> Interval {
    min(max((a + b) * 3 / 2, shortestDelay), longestDelay)
  }

  /// Simultaneous open: each round knocks at all candidates, the best first; those that the owner
  /// signed get the whole call 20 ms after the bare knock.
  public static func simultaneousOpen(_ candidates: [Candidate]) -> [ScheduledKnock] {
    var counts: [IPAddress: Int] = [:]
    var knocks: [ScheduledKnock] = []
    func add(_ candidate: Candidate, _ at: Interval, _ content: ScheduledKnock.Content) {
      let address = candidate.endpoint.address
      guard counts[address, default: 0] < addressLimit else { return }
      counts[address, default: 0] += 1
      knocks.append(
        ScheduledKnock(at: at, socket: 0, destination: candidate.endpoint, content: content))
    }
    for round in rounds {
      for (place, candidate) in candidates.prefix(candidateLimit).enumerated() {
        let at = round + spacing * Int64(place)
        add(candidate, at, .bare)
        if candidate.isSigned { add(candidate, at + spacing, .call) }
      }
    }
    return knocks.enumerated().sorted { ($0.element.at, $0.offset) < ($1.element.at, $1.offset) }
      .map(\.element)
  }
}

/// Guessing the ports of a NAT that counts.
public enum PortPrediction {
  /// Sockets that the counting side opens, one after the other.
  public static let socketCount = 25
  /// How far beside the expected ports the other side tries: others use the NAT, too.
  public static let window = 20
  /// Between two sockets, and two tries.
  public static let spacing = Interval.milliseconds(10)
  /// Ports that are tried.
  public static let portLimit = 128

  /// The ports that the counting side's sockets will have, the likeliest first.
  ///
  /// - Parameters:
  ///   - last: the newest port that was seen.
  ///   - step: from one mapping to the next, not 0.
  public static func ports(last: UInt16, step: Int) -> [UInt16] {
    var seen: Set<UInt16> = []
    var ports: [UInt16] = []
    func add(_ offset: Int) {
      let port = wrapped(Int(last) + offset)
      if ports.count < portLimit, seen.insert(port).inserted { ports.append(port) }
    }
    for count in 1...socketCount { add(step * count) }
    for distance in 1...window {
      for count in 1...socketCount where distance <= step.magnitude / 2 + 1 {
        add(step * count + distance)
        add(step * count - distance)
      }
      add(step * socketCount + step.signum() * distance)
      add(step.signum() * -distance)
    }
    return ports
  }

  /// The counting side: each socket knocks once at the other's endpoint, and all again, because the
  /// other side's filter may open only then.
  public static func counting(at peer: Endpoint) -> [ScheduledKnock] {
    (0..<2).flatMap { round in
      (0..<socketCount).map { socket in
        ScheduledKnock(
          at: .seconds(Int64(round)) + spacing * Int64(socket), socket: socket, destination: peer,
          content: .bare)
      }
    }
  }

  /// The other side: its one socket tries the ports, beginning when the first sockets have theirs.
  public static func guessing(
    at address: IPAddress, last: UInt16, step: Int
  ) -> [ScheduledKnock] {
    ports(last: last, step: step).enumerated().map { place, port in
      ScheduledKnock(
        at: .milliseconds(100) + spacing * Int64(place), socket: 0,
        destination: Endpoint(address, port: port), content: .bare)
    }
  }

  private static func wrapped(_ port: Int) -> UInt16 {
    let count = 64_512
    return UInt16(1_024 + ((port - 1_024) % count + count) % count)
  }
}
