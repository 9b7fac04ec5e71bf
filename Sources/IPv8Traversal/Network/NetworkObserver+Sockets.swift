import IPv8Crypto
import IPv8Wire

extension NetworkObserver {
  /// A socket that was asked for stands at this endpoint of ours.
  public mutating func opened(
    _ socket: LocalSocket, at local: Endpoint, now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    if v4.owns(socket) {
      v4.opened(socket, at: local, now: now, into: &actions)
    } else if v6.owns(socket) {
      v6.opened(socket, at: local, now: now, into: &actions)
    } else if socket.number == SocketNumbers.probe {
      probes.opened(into: &actions)
    } else {
      lifetimes.opened(socket, at: now, into: &actions)
    }
  }

  /// Takes a datagram: of the P2TP port what is STUN, and what nothing else took where this host is
  /// public; of other sockets all. False where nobody knows it.
  public mutating func receive(
    _ datagram: [UInt8], from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    if socket.number == SocketNumbers.mapper {
      mapper?.receive(datagram, from: source, at: now, into: &actions)
      return true
    }
    let bytes = datagram.rawSpan
    if case .opening = DatagramKind(bytes), v4.owns(socket) || v6.owns(socket) {
      v4.probeArrived(from: source, on: socket)
      v6.probeArrived(from: source, on: socket)
      return true
    }
    if v4.receive(bytes, from: source, on: socket, at: now, into: &actions)
      || v6.receive(bytes, from: source, on: socket, at: now, into: &actions)
      || lifetimes.receive(bytes, from: source, on: socket, at: now, into: &actions)
    {
      return true
    }
    guard socket.number < SocketNumbers.mapper else { return false }
    return server.receive(
      bytes, from: source, on: socket, isPeer: isPeer(source.address), at: now, into: &actions)
  }

  /// Whether a peer with an open session is at `address`: its other sockets are there, too.
  private func isPeer(_ address: IPAddress) -> Bool {
    peers.contains { $0.endpoint.address == address }
  }

  /// From which endpoints this host answers. Its private ones are nobody's concern.
  mutating func serve() {
    guard settings.sites.isEmpty else {
      server.setSites(settings.sites)
      return
    }
    let own = [network.endpoint4, network.endpoint6].compactMap { $0 }
    server.setSites(
      own.filter { settings.isPublic && $0.address.reach == .global }.map { (.main, $0) })
  }

  // MARK: The mapped port

  public var portMappingState: NetworkView.PortMappingState {
    guard settings.mapsPorts else { return .off }
    switch mapper {
    case .none: return .notNeeded
    case .some(let mapper):
      if mapper.mapping != nil { return .mapped }
      return mapper.hasFailed ? .unavailable : .searching
    }
  }

  var mapping: PortMapping? {
    switch mapper {
    case .none: nil
    case .some(let mapper): mapper.mapping
    }
  }

  /// Looks for a gateway that maps, in a network that is new or was asked about.
  mutating func mapPort(at now: Timestamp, into actions: inout [TraversalAction]) {
    let socket = LocalSocket(SocketNumbers.mapper)
    if portMappingState != .off, portMappingState != .notNeeded { actions.append(.close(socket)) }
    mapper = nil
    guard settings.mapsPorts, case .v4(let client) = network.endpoint4?.address,
      [.site, .provider].contains(IPAddress.v4(client).reach), let gateway = network.gateway4
    else { return }
    exchangeBase += Self.exchangesOfMapper
    var fresh = PortMapper(
      client: client, internalPort: settings.port, gateway: gateway, socket: socket,
      firstExchange: exchangeBase, entropy: Entropy(seed: entropy.secret(32)))
    fresh.start(at: now, into: &actions)
    mapper = consume fresh
  }

  /// What came of an exchange over TCP; nil where it failed.
  public mutating func finished(
    _ exchange: Int, _ bytes: [UInt8]?, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    mapper?.finished(exchange, bytes, at: now, into: &actions)
  }

  /// Has the gateway take the port back, at the end of this process.
  public mutating func release(at now: Timestamp, into actions: inout [TraversalAction]) {
    mapper?.release(at: now, into: &actions)
  }

  /// Whether nothing is waited for after ``release(at:into:)``.
  public var isReleased: Bool {
    switch mapper {
    case .none: true
    case .some(let mapper): mapper.isReleased
    }
  }
}
