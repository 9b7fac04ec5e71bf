import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Traversal
import IPv8Wire
import P2TP

extension ControlLoop {
  /// Questions that wait for one check.
  private static let netcheckLimit = 64
  /// How long the gateway may take to take a mapped port back at the end.
  private static let releasePatience = Interval.seconds(1)

  /// Takes the further sockets that STUN is answered from.
  mutating func adopt(_ sites: [STUNSite]) throws(SystemError) {
    for site in sites {
      guard let socket = site.takeSocket() else { continue }
      try network.adopt(socket, as: site.number, loop)
    }
  }

  /// Looks at this host's own addresses; if they changed, every peer and our own record learn them.
  mutating func refreshSurroundings(at now: Moment) {
    surroundingsDue = .distantFuture
    let change: Surroundings.Change
    do throws(SystemError) {
      guard let news = try surroundings.refresh() else { return }
      change = news
    } catch {
      journal.warn("addresses of this host: \(error)")
      return
    }
    nat64.setNetwork(
      hasIPv4: surroundings.leadsOut(by: .v4), hasIPv6: surroundings.leadsOut(by: .v6),
      at: now.boot)
    useNAT64(at: now)
    let own = surroundings.endpoints(port: udp.port)
    node.setLocalEndpoints(v4: own.v4, v6: own.v6, at: now, into: &actions)
    if change == .ways { lanes.transmit(.forgetPaths) }
    lanes.all[0].transmit.post(.challengeAll)
    enterNetworks(at: now.boot)
    observeSurroundings(at: now)
    carryOut(at: now)
  }

  /// This host's addresses or routes have changed, or how IPv4 hosts are reached.
  mutating func observeSurroundings(at now: Moment) {
    var local = surroundings.localNetwork(port: udp.port)
    if let prefix = nat64.prefix { local.translate(by: prefix, port: udp.port) }
    network.tell { observer, actions in
      observer.setNetwork(local, at: now.boot, into: &actions)
    }
    resolveServers()
  }

  /// Looks the configured servers' names up, on a thread that may wait for them.
  ///
  /// - Parameter isAsked: a check is to follow.
  func resolveServers(and more: [HostPort] = [], isAsked: Bool = false) {
    let (inbox, servers) = (inbox, more + stunServers)
    guard !servers.isEmpty else {
      if isAsked { inbox.post(.check) }
      return
    }
    do throws(SystemError) {
      _ = try NamedThread(name: "resolver") {
        // A name that means nothing now may mean something in the next network.
        inbox.post(.setServers(servers.flatMap { (try? Resolver.resolve($0)) ?? [] }))
        if isAsked { inbox.post(.check) }
      }
    } catch { journal.warn("resolver: \(error)") }
  }

  /// Takes a datagram of the P2TP port that asks or answers where somebody is seen. False where it
  /// is none.
  mutating func hearSTUN(_ datagram: StrayDatagram, at now: Timestamp) -> Bool {
    switch DatagramKind(datagram.bytes.rawSpan) {
    case .stun: break
    case .opening, .malformed:
      guard node.isPublic, Self.isClassic(datagram.bytes) else { return false }
    default: return false
    }
    network.tell { observer, actions in
      _ = observer.receive(
        datagram.bytes, from: datagram.source, on: .main, at: now, into: &actions)
    }
    return true
  }

  /// Whether it is a request of RFC 3489, which begins like any handshake, and no handshake.
  private static func isClassic(_ bytes: [UInt8]) -> Bool {
    guard let message = STUNMessage(bytes, classic: true), message.transaction.isClassic,
      message.messageClass == .request
    else { return false }
    return HandshakeOptions(bytes.rawSpan, from: P2TPHeader.byteCount) == nil
  }

  /// Takes what a peer says of probes of NATs. False where it speaks of something else.
  mutating func hearProbe(_ message: ReceiveOutput.Message, at now: Timestamp) -> Bool {
    guard message.frame.kind == .probe else { return false }
    if let probe = ProbeFrame(body: message.frame.body), !message.source.isReserved,
      isTrusted(message.peer)
    {
      network.tell { observer, actions in
        observer.receive(probe, of: message.peer, from: message.source, at: now, into: &actions)
      }
    }
    return true
  }

  /// Takes what came to a socket of the observer's.
  mutating func hear(_ token: EventLoop.Token, at now: Moment) {
    for stray in network.receive(token, at: now.boot) {
      lanes.all[0].receive.post(.passed(stray), isDispensable: true)
    }
  }

  /// A peer tells where it sees us.
  mutating func note(_ observed: Endpoint, by index: PeerIndex, at now: Moment) {
    tellPeers(at: now)
    guard isTrusted(index) else { return }
    network.tell { observer, _ in observer.note(observed, by: index, at: now.boot) }
  }

  private mutating func tellPeers(at now: Moment) {
    guard hasNewPeers else { return }
    hasNewPeers = false
    let peers = node.openPeers
    network.tell { observer, _ in observer.setPeers(peers, at: now.boot) }
  }

  /// Lets the observer go on, and passes on what it found out.
  mutating func advanceNetwork(at now: Moment) {
    tellPeers(at: now)
    // Who waited long enough gets what is known.
    if netcheckDeadline <= now.boot { network.tell { _, _ in } }
    network.advance(to: now)
    if network.observer.needsIdentity {
      let identity = surroundings.identity(of: network.observer.network)
      network.tell { observer, _ in observer.identify(identity, at: now) }
      network.advance(to: now)
    }
    network.carryOut(by: &udp, loop: loop, at: now.boot)
    for (index, frame) in network.takeFrames() {
      lanes.all[0].transmit.post(.sendFrame(index, frame))
    }
    guard let view = network.takeNews() else { return }
    if let measured = network.takeMeasured() { journal.keep(measured) }
    answerNetchecks(view, at: now.boot)
    guard view != node.network else { return }
    if view.keepaliveInterval != node.network.keepaliveInterval {
      lanes.transmit(.setKeepalive(view.keepaliveInterval))
    }
    node.setNetwork(view, at: now, into: &actions)
    carryOut(at: now)
  }

  // MARK: netcheck

  /// Checks for somebody who waits for what comes of it.
  mutating func netcheck(_ check: Netcheck, asking servers: [HostPort], at now: Moment) {
    guard check.isFresh, netchecks.count < Self.netcheckLimit else {
      check.reply.send(network.observer.view)
      return
    }
    netchecks.append(check)
    resolveServers(and: servers, isAsked: true)
  }

  mutating func check(at now: Moment) {
    for place in netchecks.indices { netchecks[place].hasBegun = true }
    network.tell { observer, actions in observer.checkNow(at: now.boot, into: &actions) }
  }

  /// Answers who waits, where nothing more is to be found out, or their time is over.
  private mutating func answerNetchecks(_ view: NetworkView, at now: Timestamp) {
    let isSettled = !view.isChecking && view.portMapping != .searching
    let (done, waiting) = (
      netchecks.filter { $0.deadline <= now || ($0.hasBegun && isSettled) },
      netchecks.filter { $0.deadline > now && !($0.hasBegun && isSettled) }
    )
    netchecks = waiting
    for check in done { check.reply.send(view) }
  }

  var netcheckDeadline: Timestamp { netchecks.map(\.deadline).min() ?? .distantFuture }

  // MARK: The end

  /// Gives a mapped port back, which takes the gateway an answer's time.
  mutating func releaseNetwork() {
    let end = SystemClock.now() + Self.releasePatience
    network.tell { observer, actions in observer.release(at: SystemClock.now(), into: &actions) }
    do throws(SystemError) {
      while true {
        let now = moment
        network.advance(to: now)
        network.carryOut(by: &udp, loop: loop, at: now.boot)
        guard !network.observer.isReleased, now.boot < end else { return }
        try loop.wait(until: min(network.nextDeadline, end), into: &ready)
        for token in ready { _ = network.receive(token, at: SystemClock.now()) }
      }
    } catch { journal.warn("mapped port: \(error)") }
  }
}

/// Somebody who waits for a check of the network.
struct Netcheck: Sendable {
  let deadline: Timestamp
  /// Whether a check is to be made first.
  let isFresh: Bool
  let reply: Reply<NetworkView>
  /// Whether the servers' names are resolved, and the check has begun.
  var hasBegun = false

  init(deadline: Timestamp, isFresh: Bool, reply: Reply<NetworkView>) {
    self.deadline = deadline
    self.isFresh = isFresh
    self.reply = reply
  }
}
