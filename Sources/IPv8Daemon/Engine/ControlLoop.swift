import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Records
import IPv8Streams
import IPv8Traversal
import IPv8Wire
import P2TP

/// The thread that decides: one loop over commands, what the lanes tell, this host's addresses and
/// the timers of handshakes, driving the node, which does no I/O itself.
///
/// Owns its state by move; talks to the rest of the daemon through its inbox and the journal, and to
/// the lanes through theirs. Packets do not come here.
struct ControlLoop: ~Copyable {
  private enum Token {
    static let inbox = EventLoop.Token(1)
    static let lanes = EventLoop.Token(2)
    static let network = EventLoop.Token(3)
    static let discovery = EventLoop.Token(4)
  }

  /// What the lanes tell that waits; more is dropped, as datagrams that a full socket drops.
  static let laneMessageLimit = 4096
  /// After the network changed, how long to wait for it to settle.
  private static let settling = Interval.milliseconds(20)

  var node: Node
  let lanes: Lanes
  let inbox: EngineInbox
  let records: RecordsInbox
  var admission = AdmissionState()
  var classes = ClassBook()
  /// How many strands each live session has, by its first strand's id.
  private var strands: [SessionID: Int] = [:]
  let journal: Journal
  var udp: UDPSockets
  var loop: EventLoop
  private var monitor: NetworkMonitor
  var surroundings: Surroundings
  /// Nil where it is switched off.
  var local: LocalDiscovery?
  let streams: StreamService
  let sockets: ExtraSockets
  var network: NetworkWatch
  /// As the user gave them.
  let stunServers: [HostPort]
  var nat64: NAT64Search
  /// Whether sessions opened, ended or moved since the observer of the network heard of them.
  var hasNewPeers = false
  var netchecks: [Netcheck] = []
  var surroundingsDue = Timestamp.distantFuture
  /// Records that came before the session that they belong to.
  var early: [(id: SessionID, datagram: StrayDatagram, at: Timestamp)] = []
  var ready: [EventLoop.Token] = []
  var actions: [NodeAction] = []
  private var running = true

  init(
    node: consuming Node, lanes: Lanes, udp: consuming UDPSockets,
    surroundings: consuming Surroundings, local: consuming LocalDiscovery?,
    network: consuming NetworkWatch, nat64: NAT64Search, stunServers: [HostPort],
    streams: StreamService, sockets: ExtraSockets, inbox: EngineInbox, records: RecordsInbox,
    journal: Journal
  ) throws(SystemError) {
    let loop = try EventLoop()
    let monitor = try NetworkMonitor()
    try loop.add(inbox.waker, token: Token.inbox)
    try loop.add(lanes.control.waker, token: Token.lanes)
    try loop.add(monitor.descriptor, token: Token.network)
    switch local {
    case .some(let local): try local.register(with: loop, token: Token.discovery)
    case .none: break
    }
    self.loop = loop
    self.monitor = monitor
    self.node = node
    self.lanes = lanes
    self.udp = udp
    self.surroundings = surroundings
    self.local = local
    self.streams = streams
    self.sockets = sockets
    self.network = network
    self.stunServers = stunServers
    self.nat64 = nat64
    self.inbox = inbox
    self.records = records
    self.journal = journal
  }

  /// Runs until it is told to stop; then the lanes tell the peers.
  mutating func run() {
    refreshSurroundings(at: moment)
    do throws(SystemError) {
      while running { try turn() }
    } catch {
      journal.fail("control loop: \(error)")
    }
    for command in inbox.close() { perform(command, at: moment) }
    releaseNetwork()
    records.post(.stop)
    lanes.transmit(.stop)
  }

  var moment: Moment {
    Moment(boot: SystemClock.now(), wall: SystemClock.wallTime())
  }

  private mutating func turn() throws(SystemError) {
    var own = min(node.nextDeadline, min(surroundingsDue, nat64.nextDeadline))
    own = min(own, classes.nextDeadline)
    let deadline = min(own, min(network.nextDeadline, netcheckDeadline))
    try loop.wait(until: min(deadline, local?.nextDeadline ?? .distantFuture), into: &ready)
    let now = moment
    for token in ready {
      switch token {
      case Token.inbox: for command in inbox.drain() { perform(command, at: now) }
      case Token.lanes: for message in lanes.control.drain() { take(message, at: now) }
      case Token.network:
        if try monitor.drain() {
          surroundingsDue = min(surroundingsDue, now.boot + Self.settling)
        }
      case Token.discovery: hearAnnouncements(at: now)
      default: if !hearSocket(token) { hear(token, at: now) }
      }
    }
    if surroundingsDue <= now.boot { refreshSurroundings(at: now) }
    askForNAT64(at: now.boot)
    endClasses(at: now.boot)
    node.advance(to: now, into: &actions)
    carryOut(at: now)
    local?.advance(to: now)
    advanceNetwork(at: now)
  }

  private mutating func take(_ message: LaneMessage, at now: Moment) {
    switch message {
    case .event(let event, let lane): handle(event, from: lane, at: now)
    case .stream(let event): handle(event, at: now)
    case .message(let message):
      if hearRecords(message) { return }
      if hearProbe(message, at: now.boot) { return }
      node.receive(
        message.frame, of: message.peer, from: message.source, at: now, into: &actions)
    case .stray(let datagram):
      if hearSTUN(datagram, at: now.boot) { return }
      let isClaimed = node.receive(
        datagram.bytes, from: datagram.source, at: now, into: &actions)
      carryOut(at: now)
      if isClaimed { claim(datagram) } else { hold(datagram, at: now.boot) }
    }
    carryOut(at: now)
  }

  private mutating func handle(_ event: TransmitEvent, from lane: Int, at now: Moment) {
    switch event {
    case .wanted(let index):
      tell(.wanted, of: index, at: now)
      searchNetworks(for: index, at: now.boot)
    case .rekeyDue(let index): tell(.rekeyDue, of: index, at: now)
    case .ended(let index, let id, _):
      if id.strand == 0 {
        retire(id, tell: false)
        tell(.ended(id), of: index, at: now)
        hasNewPeers = true
        admission.touched.insert(index)
      } else {
        lanes.all[lanes.index(of: id)].receive.post(.forget(id))
      }
    case .moved(let index, let endpoint):
      for other in lanes.all.indices where other != lane {
        lanes.all[other].transmit.post(.setEndpoint(index, endpoint))
      }
      tell(.moved(endpoint), of: index, at: now)
      hasNewPeers = true
    case .observed(let index, let endpoint):
      tell(.observed(endpoint), of: index, at: now)
      note(endpoint, by: index, at: now)
    case .proved(let index, let endpoint, let roundTrip):
      tell(.proved(endpoint, roundTrip), of: index, at: now)
    case .lost(let index): tell(.lost, of: index, at: now)
    case .unheard(let index): lanes.all[0].transmit.post(.check(index))
    case .unknown(let address): seek(address, at: now)
    case .pong, .pathChanged: break
    }
  }

  private mutating func tell(_ event: SessionEvent, of index: PeerIndex, at now: Moment) {
    node.handle(event, of: index, at: now, into: &actions)
  }

  /// Carries out the node's actions, in order.
  mutating func carryOut(at now: Moment) {
    while !actions.isEmpty {
      let due = actions
      actions = []
      for action in due { carryOut(action, at: now) }
    }
    tellConnections()
  }

  private mutating func carryOut(_ action: NodeAction, at now: Moment) {
    switch action {
    case .send(let bytes, let endpoint): send(bytes, to: endpoint)
    case .install(let index, let established, let sendOn):
      install(established, of: index, sendOn: sendOn, at: now.boot)
      admission.touched.insert(index)
    case .retire(let id, let tell): retire(id, tell: tell)
    case .setReachable(let index, let reachable):
      lanes.transmit(.setUnreachable(index, !reachable))
    case .sendFrame(let index, let frame):
      lanes.all[0].transmit.post(.sendFrame(index, frame))
    case .probe(let index, let endpoint): lanes.all[0].transmit.post(.probe(index, endpoint))
    case .forgetWay(let index, let endpoint): lanes.transmit(.forgetWay(index, endpoint))
    case .setRelay(let link): lanes.receive(.setRelay(link))
    case .removeRelay(let key): lanes.receive(.removeRelay(key))
    case .openSocket(let number, let remote): openSocket(number, to: remote)
    case .closeSocket(let number): closeSocket(number)
    case .adoptSocket(let number): adoptSocket(number)
    case .dial(let index, let addresses): dial(index, at: addresses)
    case .hangUp(let number): streams.hangUp(number)
    case .store(let note):
      if case .binding(let binding) = note, binding.record.permID == node.permID {
        records.post(.own(binding))
      }
      journal.note(note)
    case .forget(let index):
      lanes.transmit(.removePeer(index))
      lanes.receive(.removePeer(index))
      forgetConnection(index)
    case .inquire(let permID): records.post(.inquire(permID), isDispensable: true)
    case .refused(let permID, let reason): log(reason, of: permID, at: now.boot)
    case .seek(let address): seek(address, at: now)
    case .learned(let binding): records.post(.learned(binding), isDispensable: true)
    }
  }

  /// What goes by way of a relay is wrapped where the relay's own path is known.
  private mutating func send(_ bytes: [UInt8], to endpoint: Endpoint) {
    if endpoint.isReserved {
      lanes.all[0].transmit.post(.send(bytes, endpoint))
    } else {
      udp.send(bytes, to: endpoint)
    }
  }

  /// Gives each strand to its lane. A lane with several sends on the first of them.
  private mutating func install(
    _ established: EstablishedSession, of index: PeerIndex, sendOn: Bool, at now: Timestamp
  ) {
    let count = EstablishedSession.strandCount(
      lanes: lanes.count, peerLanes: established.peerCapabilities.lanes)
    strands[established.localID] = count
    hasNewPeers = true
    let all = (0..<count).map { established.strand($0) }
    // The halves that seal come first, because what a record asks of one that is not there is
    // forgotten; but they are woken last, because what they send is answered by records for the halves
    // that open.
    for strand in all {
      let isOwn = strand.localID.strand < lanes.count
      lanes.all[lanes.index(of: strand.localID)].transmit.post(
        .install(index, strand, sendOn: sendOn && isOwn), isSilent: true)
    }
    for strand in all {
      lanes.all[lanes.index(of: strand.localID)].receive.post(.install(index, strand))
    }
    for lane in lanes.all { lane.transmit.waker.signal() }
    // Last: what these records tell finds both halves.
    release(established.localID, at: now)
  }

  /// Ends all strands of a session; with `tell` the peer hears of it on the first.
  private mutating func retire(_ id: SessionID, tell: Bool) {
    for strand in 0..<(strands.removeValue(forKey: id) ?? 1) {
      let id = id.strand(strand)
      let lane = lanes.all[lanes.index(of: id)]
      lane.transmit.post(.retire(id, tell: tell && strand == 0))
      lane.receive.post(.forget(id))
    }
  }

  mutating func stop() { running = false }

  var counters: [(name: String, value: UInt64)] {
    node.counters.named + udp.counters + network.counters
  }
}
