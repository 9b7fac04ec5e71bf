import IPv8Control
import IPv8Crypto
import IPv8Platform
import IPv8Traversal
import IPv8Wire

/// A check of the network where no daemon runs: from a port of its own, with STUN servers alone.
public enum LoneNetcheck {
  public static func run(_ request: NetcheckRequest) throws(ControlError) -> NetcheckReport {
    let servers = try request.hosts()
    let deadline = SystemClock.now() + .milliseconds(Int64(request.timeoutMilliseconds))
    do {
      return NetcheckReport(try check(servers, until: deadline))
    } catch {
      throw ControlError(.internalError, "network: \(error)")
    }
  }

  private static func check(_ servers: [HostPort], until deadline: Timestamp) throws -> NetworkView
  {
    var udp = try UDPSockets(port: 0)
    var settings = NetworkObserver.Settings(port: udp.port)
    // A mapping would outlive this.
    settings.mapsPorts = false
    settings.measuresLifetimes = false
    let seed = try SystemEntropy.bytes(32)
    var watch = NetworkWatch(
      NetworkObserver(
        settings, cache: LifetimeCache(),
        entropy: Entropy(seed: SecretBytes(copying: seed.rawSpan))))
    var loop = try EventLoop()
    try udp.register(with: loop, v4: EventLoop.Token(1), v6: EventLoop.Token(2))
    var surroundings = try Surroundings(tun: InterfaceIndex(0))
    _ = try surroundings.refresh()
    var network = surroundings.localNetwork(port: udp.port)
    var endpoints = servers.flatMap { (try? Resolver.resolve($0)) ?? [] }
    if let prefix = nat64(surroundings) {
      (udp.nat64, watch.nat64) = (prefix, prefix)
      network.translate(by: prefix, port: udp.port)
      endpoints = prefix.inward(endpoints)
    }
    let start = SystemClock.now()
    watch.tell { observer, actions in
      observer.setNetwork(network, at: start, into: &actions)
      observer.setServers(endpoints, at: start)
      observer.checkNow(at: start, into: &actions)
    }
    var ready: [EventLoop.Token] = []
    while true {
      let now = Moment(boot: SystemClock.now(), wall: SystemClock.wallTime())
      watch.advance(to: now)
      watch.carryOut(by: &udp, loop: loop, at: now.boot)
      guard watch.observer.isChecking, now.boot < deadline else { return watch.observer.view }
      try loop.wait(until: min(watch.nextDeadline, deadline), into: &ready)
      for token in ready {
        switch token.value {
        case 1: receive(.v4, &udp, &watch)
        case 2: receive(.v6, &udp, &watch)
        default: _ = watch.receive(token, at: SystemClock.now())
        }
      }
    }
  }

  /// The NAT64 of a network without IPv4.
  private static func nat64(_ surroundings: borrowing Surroundings) -> NAT64Prefix? {
    let now = SystemClock.now()
    var search = NAT64Search(.automatic)
    search.setNetwork(
      hasIPv4: surroundings.leadsOut(by: .v4), hasIPv6: surroundings.leadsOut(by: .v6), at: now)
    if search.takeQuestion(at: now) { search.answered(Resolver.answersForNAT64(), at: now) }
    return search.prefix
  }

  /// Hands over what waits at the port.
  private static func receive(
    _ family: UDPSocket.Family, _ udp: inout UDPSockets, _ watch: inout NetworkWatch
  ) {
    while let (bytes, source) = udp.receiveOne(family) {
      let now = SystemClock.now()
      watch.tell { observer, actions in
        _ = observer.receive(bytes, from: source, on: .main, at: now, into: &actions)
      }
    }
  }
}

extension NetcheckRequest {
  func hosts() throws(ControlError) -> [HostPort] {
    guard servers.count <= Self.serverLimit else {
      throw ControlError(.tooManyEndpoints, "\(Self.serverLimit)")
    }
    var hosts: [HostPort] = []
    for server in servers {
      guard let host = HostPort(text: server) else {
        throw ControlError(.endpointMalformed, server)
      }
      hosts.append(host)
    }
    return hosts
  }
}
