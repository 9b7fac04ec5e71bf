import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Wire

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
  }

  /// What the lanes tell that waits; more is dropped, as datagrams that a full socket drops.
  static let laneMessageLimit = 4096
  /// After the network changed, how long to wait for it to settle.
  private static let settling = Interval.milliseconds(20)

  var node: Node
  var lane: LaneInboxes
  let inbox: EngineInbox
  private let fromLanes: Inbox<LaneMessage>
  private let journal: Journal
  private var udp: UDPSockets
  private var loop: EventLoop
  private var monitor: NetworkMonitor
  private var surroundings: Surroundings
  private var surroundingsDue = Timestamp.distantFuture
  private var ready: [EventLoop.Token] = []
  var actions: [NodeAction] = []
  private var running = true

  init(
    node: consuming Node, lane: LaneInboxes, fromLanes: Inbox<LaneMessage>,
    udp: consuming UDPSockets, surroundings: consuming Surroundings, inbox: EngineInbox,
    journal: Journal
  ) throws(SystemError) {
    let loop = try EventLoop()
    let monitor = try NetworkMonitor()
    try loop.add(inbox.waker, token: Token.inbox)
    try loop.add(fromLanes.waker, token: Token.lanes)
    try loop.add(monitor.descriptor, token: Token.network)
    self.loop = loop
    self.monitor = monitor
    self.node = node
    self.lane = lane
    self.fromLanes = fromLanes
    self.udp = udp
    self.surroundings = surroundings
    self.inbox = inbox
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
    lane.transmit.post(.stop)
  }

  private var moment: Moment {
    Moment(boot: SystemClock.now(), wall: SystemClock.wallTime())
  }

  private mutating func turn() throws(SystemError) {
    try loop.wait(until: min(node.nextDeadline, surroundingsDue), into: &ready)
    let now = moment
    for token in ready {
      switch token {
      case Token.inbox: for command in inbox.drain() { perform(command, at: now) }
      case Token.lanes: for message in fromLanes.drain() { take(message, at: now) }
      case Token.network:
        if try monitor.drain() {
          surroundingsDue = min(surroundingsDue, now.boot + Self.settling)
        }
      default: break
      }
    }
    if surroundingsDue <= now.boot { refreshSurroundings(at: now) }
    node.advance(to: now, into: &actions)
    carryOut(at: now)
  }

  private mutating func take(_ message: LaneMessage, at now: Moment) {
    switch message {
    case .event(let event): handle(event, at: now)
    case .stray(let datagram):
      let isClaimed = node.receive(
        datagram.bytes, from: datagram.source, at: now, into: &actions)
      carryOut(at: now)
      if isClaimed { lane.receive.post(.claimed(datagram)) }
    }
    carryOut(at: now)
  }

  private mutating func handle(_ event: TransmitEvent, at now: Moment) {
    switch event {
    case .wanted(let index): tell(.wanted, of: index, at: now)
    case .rekeyDue(let index): tell(.rekeyDue, of: index, at: now)
    case .ended(let index, let id, _):
      lane.receive.post(.forget(id))
      tell(.ended(id), of: index, at: now)
    case .moved(let index, let endpoint): tell(.moved(endpoint), of: index, at: now)
    case .observed(let index, let endpoint): tell(.observed(endpoint), of: index, at: now)
    case .pong: break
    }
  }

  private mutating func tell(_ event: SessionEvent, of index: PeerIndex, at now: Moment) {
    node.handle(event, of: index, at: now, into: &actions)
  }

  /// Carries out the node's actions, in order.
  mutating func carryOut(at now: Moment) {
    guard !actions.isEmpty else { return }
    for action in actions {
      switch action {
      case .send(let bytes, let endpoint): udp.send(bytes, to: endpoint)
      case .install(let index, let established, let sendOn):
        // First the half that opens: the answer to our first record must find its session.
        lane.receive.post(.install(index, established))
        lane.transmit.post(.install(index, established, sendOn: sendOn))
      case .retire(let id, let tell):
        lane.transmit.post(.retire(id, tell: tell))
        lane.receive.post(.forget(id))
      case .setReachable(let index, let reachable):
        lane.transmit.post(.setUnreachable(index, !reachable))
      case .store(let note): journal.note(note)
      }
    }
    actions.removeAll(keepingCapacity: true)
  }

  /// Looks at this host's own addresses; if they changed, every peer and our own record learn them.
  private mutating func refreshSurroundings(at now: Moment) {
    surroundingsDue = .distantFuture
    do throws(SystemError) {
      guard try surroundings.refresh() else { return }
    } catch {
      journal.warn("addresses of this host: \(error)")
      return
    }
    let own = surroundings.endpoints(port: udp.port)
    node.setLocalEndpoints(v4: own.v4, v6: own.v6, at: now, into: &actions)
    lane.transmit.post(.challengeAll)
    carryOut(at: now)
  }

  mutating func stop() { running = false }

  var counters: [(name: String, value: UInt64)] { node.counters.named + udp.counters }
}
