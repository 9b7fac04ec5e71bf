import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Wire

/// The thread that moves packets: one loop over the TUN device, the UDP sockets and the timers,
/// driving the node and the lane, which do no I/O themselves.
///
/// Owns its state by move; talks to the rest of the daemon through its inbox and the journal alone.
struct Engine: ~Copyable {
  private enum Token {
    static let tun = EventLoop.Token(1)
    static let udp4 = EventLoop.Token(2)
    static let udp6 = EventLoop.Token(3)
    static let inbox = EventLoop.Token(4)
    static let network = EventLoop.Token(5)
  }

  /// Packets taken from the TUN, and datagram trains from a socket, in one turn.
  private static let tunBatch = 64
  private static let trainBatch = 8
  /// The largest packet of the TUN and the largest train that the kernel joins, in bytes.
  private static let largest = 65_535
  /// Bytes that one turn takes from the TUN: seven packets of the largest size, or many small ones.
  private static let tunBytes = 512 << 10
  /// What they become: room for each segment's headers and seal down to segments of 200 bytes.
  private static let sealedBytes = 1 << 20
  /// What the trains of one turn become; each record loses more than alignment adds.
  private static let openedBytes = 640 << 10
  /// After the network changed, how long to wait for it to settle.
  private static let settling = Interval.milliseconds(20)

  var node: Node
  var lane: Lane
  var pings = PingTable()
  let inbox: EngineInbox
  private let journal: Journal
  private let tun: TunDevice
  private var udp: UDPSockets
  private var loop: EventLoop
  private var monitor: NetworkMonitor
  private var surroundings: Surroundings
  private var surroundingsDue = Timestamp.distantFuture

  private var tunSlab = PacketSlab(slotCount: 1, slotSize: tunBytes)
  private var udpSlab = PacketSlab(
    slotCount: trainBatch, slotSize: PacketSlab.headroom + largest + PacketSlab.tailroom)
  private var sealed = PacketArena(capacity: sealedBytes)
  private var opened = PacketArena(capacity: openedBytes)
  private var replySlab = PacketSlab(slotCount: 1, slotSize: 2048)
  private var ready: [EventLoop.Token] = []
  private var packets: [PacketRange] = []
  private var trains: [DatagramTrain] = []
  var output = LaneOutput()
  var actions: [NodeAction] = []
  private var tunDropped: UInt64 = 0
  private var running = true

  init(
    node: consuming Node, lane: consuming Lane, tun: consuming TunDevice,
    udp: consuming UDPSockets, surroundings: consuming Surroundings, inbox: EngineInbox,
    journal: Journal
  ) throws(SystemError) {
    let loop = try EventLoop()
    let monitor = try NetworkMonitor()
    try loop.add(tun.descriptor, token: Token.tun)
    try udp.register(with: loop, v4: Token.udp4, v6: Token.udp6)
    try loop.add(inbox.waker, token: Token.inbox)
    try loop.add(monitor.descriptor, token: Token.network)
    self.loop = loop
    self.monitor = monitor
    self.node = node
    self.lane = lane
    self.tun = tun
    self.udp = udp
    self.surroundings = surroundings
    self.inbox = inbox
    self.journal = journal
  }

  /// Runs until it is told to stop; then tells the peers.
  mutating func run() {
    refreshSurroundings(at: moment)
    do throws(SystemError) {
      while running { try turn() }
    } catch {
      journal.fail("packet loop: \(error)")
    }
    for command in inbox.close() { perform(command, at: moment) }
    lane.closeAll(at: SystemClock.now(), into: &output)
    flush()
    pings.failAll()
    journal.finish()
  }

  private var moment: Moment {
    Moment(boot: SystemClock.now(), wall: SystemClock.wallTime())
  }

  private mutating func turn() throws(SystemError) {
    let deadline = [
      node.nextDeadline, lane.nextDeadline, pings.nextDeadline, surroundingsDue,
    ].min()
    try loop.wait(until: deadline, into: &ready)
    let now = moment
    for token in ready {
      switch token {
      case Token.tun: try transmit(at: now)
      case Token.udp4: try receive(.v4, at: now)
      case Token.udp6: try receive(.v6, at: now)
      case Token.inbox: for command in inbox.drain() { perform(command, at: now) }
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
    lane.advance(to: now.boot, into: &output)
    settle(at: now)
    pings.expire(at: now.boot)
  }

  // MARK: Packets

  private mutating func transmit(at now: Moment) throws(SystemError) {
    try tun.read(into: &tunSlab, packets: &packets, limit: Self.tunBatch)
    lane.transmit(packets, slab: &tunSlab, arena: &sealed, at: now.boot, into: &output)
    settle(at: now)
  }

  private mutating func receive(_ family: UDPSocket.Family, at now: Moment) throws(SystemError) {
    try udp.receive(family, into: &udpSlab, trains: &trains)
    lane.receive(trains, slab: &udpSlab, arena: &opened, at: now.boot, into: &output)
    let unclaimed = output.unclaimed
    if !unclaimed.isEmpty { output.unclaimed = [] }
    for datagram in unclaimed {
      let bytes = copy(datagram.range)
      let isClaimed = node.receive(bytes, from: datagram.source, at: now, into: &actions)
      carryOut(at: now)
      if isClaimed {
        lane.receiveClaimed(
          datagram, slab: &udpSlab, arena: &opened, at: now.boot, into: &output)
      }
    }
    // What was just opened but belongs to nobody after all.
    output.unclaimed.removeAll(keepingCapacity: true)
    settle(at: now)
  }

  private mutating func copy(_ range: PacketRange) -> [UInt8] {
    let span = udpSlab[range]
    return span.bytes.copyBytes()
  }

  /// Does all that node and lane asked for, until neither asks for more.
  mutating func settle(at now: Moment) {
    carryOut(at: now)
    while !output.events.isEmpty {
      let events = output.events
      output.events = []
      for event in events { handle(event, at: now) }
      carryOut(at: now)
    }
    flush()
  }

  /// Sends what the lane has sealed, and gives the TUN what it has opened.
  private mutating func flush() {
    udp.send(output.datagrams, from: sealed.slab)
    for record in output.records { udp.send(record.bytes, to: record.destination) }
    writeToTUN()
    output.removeAll()
  }

  private mutating func writeToTUN() {
    do throws(SystemError) {
      tunDropped += UInt64(try tun.write(output.packets, from: opened.slab))
      for reply in output.replies {
        let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: reply.count)
        let header = range.grown(front: OffloadHeader.byteCount, back: 0)
        var slot = replySlab[header]
        slot.copy([UInt8](repeating: 0, count: OffloadHeader.byteCount).rawSpan, to: 0)
        slot.copy(reply.rawSpan, to: OffloadHeader.byteCount)
        tunDropped += UInt64(try tun.write([range], from: replySlab))
      }
    } catch {
      journal.fail("interface \(tun.name): \(error)")
      running = false
    }
  }

  // MARK: Node and lane

  /// Carries out the node's actions, in order.
  mutating func carryOut(at now: Moment) {
    guard !actions.isEmpty else { return }
    let pending = actions
    actions = []
    for action in pending {
      switch action {
      case .send(let bytes, let endpoint): udp.send(bytes, to: endpoint)
      case .install(let index, let established, let sendOn):
        lane.install(established, of: index, sendOn: sendOn, at: now.boot, into: &output)
        for waiting in pings.takeWaiting(for: index) { ping(index, waiting, at: now) }
      case .retire(let id, let tell): lane.retire(id, tell: tell, at: now.boot, into: &output)
      case .setReachable(let index, let reachable):
        lane.setUnreachable(index, !reachable, into: &output)
      case .store(let note): journal.note(note)
      }
    }
  }

  private mutating func handle(_ event: LaneEvent, at now: Moment) {
    switch event {
    case .wanted(let index): tell(.wanted, of: index, at: now)
    case .rekeyDue(let index): tell(.rekeyDue, of: index, at: now)
    case .ended(let index, let id, _): tell(.ended(id), of: index, at: now)
    case .moved(let index, let endpoint): tell(.moved(endpoint), of: index, at: now)
    case .observed(let index, let endpoint): tell(.observed(endpoint), of: index, at: now)
    case .confirmed: break
    case .pong(_, let token, let roundTrip, let endpoint):
      pings.answered(token, EnginePong(roundTrip: roundTrip, endpoint: endpoint))
    }
  }

  private mutating func tell(_ event: SessionEvent, of index: PeerIndex, at now: Moment) {
    node.handle(event, of: index, at: now, into: &actions)
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
    lane.challengeAll(at: now.boot, into: &output)
    settle(at: now)
  }

  mutating func stop() { running = false }

  func counters() -> [(name: String, value: UInt64)] {
    lane.counters.named + node.counters.named + udp.counters + [("dropped.tun", tunDropped)]
  }

  var offload: (gso: Bool, gro: Bool, tun: TunOffload) { (udp.gso, udp.gro, tun.grantedOffload) }
}
