import IPv8Crypto
import IPv8Wire

extension NATCheck {
  mutating func ask(at now: Timestamp, into actions: inout [TraversalAction]) {
    for reporter in reporters {
      client.ask(
        .main(operatedBy: reporter.endpoint), of: reporter.endpoint, on: .main,
        id: entropy.bytes(12), at: now, into: &actions)
    }
  }

  /// Reporters that answered, one of each neighbourhood.
  private var unrelated: [Reporter] {
    var seen: Set<UInt64> = []
    return Array(
      reporters.filter {
        answered.contains($0.endpoint) && seen.insert($0.endpoint.address.neighbourhood).inserted
      }.prefix(Self.detailLimit))
  }

  mutating func allocate(at now: Timestamp) {
    var at = now
    for (series, reporter) in unrelated.enumerated() {
      evidence.series.append(NATEvidence.Series(reporter: reporter.endpoint))
      for place in 0..<Self.seriesCount {
        let socket = socket(Self.filteredSocket + 1 + series * Self.seriesCount + place)
        guard locals[socket] != nil else { continue }
        queue.append((at, .fresh(series: series, socket: socket), socket, reporter.endpoint))
        at = at + Self.spacing
      }
    }
    stageEnd = at + STUNClient<Purpose>.patience + .seconds(1)
  }

  mutating func detail(at now: Timestamp, into actions: inout [TraversalAction]) {
    let unrelated = unrelated
    // What another one is asked at is no stranger to the filtered socket.
    alternates = alternates.filter { alternate in
      !unrelated.contains { $0.endpoint.address == alternate.value.address }
    }
    for reporter in unrelated {
      if let other = alternates[reporter.endpoint] {
        let here = reporter.endpoint
        for alternate in [
          Endpoint(here.address, port: other.port), Endpoint(other.address, port: here.port),
        ] {
          client.ask(
            .main(operatedBy: here), of: alternate, on: .main, id: entropy.bytes(12), at: now,
            into: &actions)
        }
      }
      guard locals[socket(Self.filteredSocket)] != nil,
        reporter.isPeer || alternates[reporter.endpoint] != nil
      else { continue }
      client.ask(
        .control(reporter), of: reporter.endpoint, on: socket(Self.filteredSocket),
        id: entropy.bytes(12), at: now, into: &actions)
    }
    stageEnd = now + STUNClient<Purpose>.patience * 2 + .seconds(1)
  }

  mutating func hairpin(at now: Timestamp, into actions: inout [TraversalAction]) {
    let report = report
    let fresh = NATEvidence.majority(Array(filtered.values))
    // Behind a dependent mapping nobody knows where a new peer is let in.
    guard report.isTranslated == true, let main = report.external, let fresh else { return }
    evidence.hairpin = false
    for (target, socket) in [(main, socket(Self.filteredSocket)), (fresh, LocalSocket.main)] {
      client.ask(
        .hairpin, of: target, on: socket, id: entropy.bytes(12), at: now, into: &actions)
    }
  }

  // MARK: What comes back

  /// Takes a response to one of our requests, or a request of our own that came back. False for
  /// anything else, which the server then gets.
  public mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    guard let message = STUNMessage(datagram) else { return false }
    switch message.messageClass {
    case .indication: return false
    case .request:
      // Our own request at another socket of ours: the NAT turned it round.
      guard client.take(message, where: { $0.purpose == .hairpin && $0.socket != socket }) != nil
      else { return false }
      evidence.hairpin = true
      client.abandon { $0.purpose == .hairpin }
    case .success, .error:
      // Who answers from elsewhere was asked to.
      let answer = client.take(message) { request in
        guard request.socket == socket else { return false }
        switch request.purpose {
        case .stranger: return source.address != request.destination.address
        case .otherPort:
          return source.address == request.destination.address
            && source.port != request.destination.port
        default: return source == request.destination
        }
      }
      guard let answer else { return false }
      take(message, answering: answer, at: now, into: &actions)
    }
    finishIfQuiet(at: now, into: &actions)
    return true
  }

  private mutating func take(
    _ message: STUNMessage, answering request: STUNClient<Purpose>.Request, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    switch request.purpose {
    case .stranger: evidence.strangerPassed = true
    case .otherPort: evidence.otherPortPassed = true
    case .hairpin: break
    case .main, .fresh, .control:
      guard message.messageClass == .success, let observed = message.reflexive,
        observed.address.family == family
      else { return }
      see(observed, message, by: request, at: now, into: &actions)
    }
  }

  private mutating func see(
    _ observed: Endpoint, _ message: STUNMessage, by request: STUNClient<Purpose>.Request,
    at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    switch request.purpose {
    case .main(let operatedBy):
      evidence.note(observed, by: request.destination, operatedBy: operatedBy)
      guard operatedBy == request.destination else { return }
      answered.insert(operatedBy)
      if let other = message.otherAddress, other.address != operatedBy.address,
        other.port != operatedBy.port, other.port != 0,
        other.address.family == family, other.address.reach == operatedBy.address.reach
      {
        alternates[operatedBy] = other
      }
    case .fresh(let series, let socket):
      guard let local = locals[socket] else { return }
      evidence.series[series].note(
        place: socket.number, inner: local.port, outer: observed.port)
    case .control(let reporter): control(reporter, sees: observed, at: now, into: &actions)
    case .stranger, .otherPort, .hairpin: break
    }
  }

  /// The filtered socket has a mapping that this reporter may get in to; may others?
  private mutating func control(
    _ reporter: Reporter, sees observed: Endpoint, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    filtered[reporter.endpoint] = observed
    guard alternates[reporter.endpoint] != nil else {
      for origin in [ProbeOrder.Origin.stranger, .otherPort] {
        order(
          ProbeOrder(
            peer: reporter.endpoint, target: observed, origin: origin,
            known: unrelated.map(\.endpoint.address)))
      }
      // As long as a request's answer may take.
      stageEnd = max(stageEnd, now + STUNClient<Purpose>.patience + .seconds(1))
      return
    }
    let changes: [(Purpose, STUNChange)] = [(.stranger, [.address, .port]), (.otherPort, .port)]
    for (purpose, change) in changes {
      client.ask(
        purpose, of: reporter.endpoint, on: socket(Self.filteredSocket), change: change,
        id: entropy.bytes(12), at: now, into: &actions)
    }
  }

  mutating func failed(_ request: STUNClient<Purpose>.Request) {
    switch request.purpose {
    case .stranger: evidence.strangersSilent += 1
    case .otherPort: evidence.otherPortsSilent += 1
    default: break
    }
  }

  /// Probes that a peer had sent and that never came.
  mutating func countSilence() {
    for origin in confirmed {
      switch origin {
      case .stranger: evidence.strangersSilent += 1
      case .otherPort: evidence.otherPortsSilent += 1
      }
    }
    confirmed = []
  }

  // MARK: Peers

  /// A peer with an open session sees our main socket there (P2TP RESPONSE), at any time.
  public mutating func note(_ observed: Endpoint, by peer: Endpoint) {
    // A peer of our own network sees us from within.
    guard observed.address.family == family, peer.address.reach == .global else { return }
    evidence.note(observed, by: peer, operatedBy: peer)
  }

  /// A peer had the probe sent that ``takeOrders()`` asked it for; what it says now does not count
  /// if the probe arrives.
  public mutating func confirm(_ probe: ProbeOrder) {
    guard stage == .detailing, confirmed.count < Self.detailLimit * 2 else { return }
    confirmed.append(probe.origin)
  }

  /// A bare INIT came in on a fresh socket: nobody sends one there unasked.
  public mutating func probeArrived(from source: Endpoint, on socket: LocalSocket) {
    guard stage == .detailing, socket == self.socket(Self.filteredSocket) else { return }
    if !filtered.keys.contains(where: { $0.address == source.address }) {
      evidence.strangerPassed = true
    } else if filtered[source] == nil {
      evidence.otherPortPassed = true
    }
  }
}
