import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import P2TP

/// The thread of a lane's outbound half: one loop over the TUN device and the timers of sessions.
///
/// Owns its state by move; others reach it through its inbox and the reception box alone.
struct TransmitLoop: ~Copyable {
  private enum Token {
    static let tun = EventLoop.Token(1)
    static let inbox = EventLoop.Token(2)
  }

  /// Packets taken from the TUN in one batch.
  private static let batch = 64
  /// Bytes of a batch: one packet of the largest size, or many small ones. So small that a batch
  /// stays in the core's own cache from the read to the send, and no packet waits for many others.
  private static let batchBytes = 128 << 10
  /// What they become: room for each segment's headers and seal down to segments of 200 bytes.
  private static let sealedBytes = 2 * batchBytes
  /// Batches in a row before the loop looks at its timers and inbox again.
  private static let batchesPerTurn = 16

  private var transmitter: Transmitter
  private let tun: TunDevice
  private var udp: UDPSockets
  private let index: Int
  private let lanes: Lanes
  private let inboxes: LaneInboxes
  private let journal: Journal
  private var loop: PollLoop
  private var pings = PingTable()

  private var slab = PacketSlab(slotCount: 1, slotSize: batchBytes)
  private var sealed = PacketArena(capacity: sealedBytes)
  private var replySlab = PacketSlab(slotCount: 1, slotSize: 2048)
  private var ready: [EventLoop.Token] = []
  private var packets: [PacketRange] = []
  private var taken = ReceptionBox.Contents()
  private var output = TransmitOutput()
  private var tunDropped: UInt64 = 0
  private var running = true

  init(
    _ transmitter: consuming Transmitter, tun: consuming TunDevice, udp: consuming UDPSockets,
    lane index: Int, of lanes: Lanes, journal: Journal
  ) throws(SystemError) {
    let inboxes = lanes.all[index]
    var loop = try PollLoop()
    loop.add(tun.descriptor, token: Token.tun)
    loop.add(inboxes.transmit.waker, token: Token.inbox)
    self.loop = loop
    self.transmitter = transmitter
    self.tun = tun
    self.udp = udp
    self.index = index
    self.lanes = lanes
    self.inboxes = inboxes
    self.journal = journal
  }

  /// Runs until it is told to stop; then tells the peers.
  mutating func run() {
    do throws(SystemError) {
      while running { try turn() }
    } catch {
      journal.fail("packets to peers: \(error)")
    }
    for command in inboxes.transmit.close() { perform(command, at: SystemClock.now()) }
    transmitter.closeAll(at: SystemClock.now(), into: &output)
    flush()
    pings.failAll()
    inboxes.receive.post(.stop)
  }

  private mutating func turn() throws(SystemError) {
    try loop.wait(
      until: min(transmitter.nextDeadline, pings.nextDeadline), into: &ready)
    let now = SystemClock.now()
    hear(at: now)
    for token in ready {
      switch token {
      case Token.tun: try transmit()
      case Token.inbox:
        for command in inboxes.transmit.drain() { perform(command, at: now) }
      default: break
      }
    }
    transmitter.advance(to: now, into: &output)
    pings.expire(at: now)
    settle(at: now)
    drain(at: now)
  }

  /// Takes what the inbound half has learnt, so that the next records carry it. Commands first: the
  /// sessions that it speaks of may have been installed just now.
  private mutating func hear(at now: Timestamp) {
    inboxes.receptions.take(into: &taken)
    guard !taken.isEmpty else { return }
    for command in inboxes.transmit.drain() { perform(command, at: now) }
    for news in taken.receptions { transmitter.receive(news, at: now, into: &output) }
    for event in taken.events { transmitter.handle(event, at: now, into: &output) }
  }

  private mutating func transmit() throws(SystemError) {
    for _ in 0..<Self.batchesPerTurn {
      let mayBeMore = try tun.read(into: &slab, packets: &packets, limit: Self.batch)
      guard !packets.isEmpty else { return }
      let now = SystemClock.now()
      hear(at: now)
      transmitter.transmit(packets, slab: &slab, arena: &sealed, at: now, into: &output)
      settle(at: now)
      drain(at: now)
      if !mayBeMore { return }
    }
  }

  /// Sends what waited for its rate and may leave by now.
  private mutating func drain(at now: Timestamp) {
    var mayBeMore = true
    while mayBeMore {
      sealed.reset()
      mayBeMore = transmitter.drain(arena: &sealed, at: now, into: &output)
      settle(at: now)
    }
  }

  /// Sends what the transmitter has sealed, and tells the control thread what happened.
  private mutating func settle(at now: Timestamp) {
    flush()
    learn(at: now)
    for event in output.events {
      switch event {
      case .pong(_, let token, let roundTrip, let endpoint):
        pings.answered(token, EnginePong(roundTrip: roundTrip, endpoint: endpoint))
      case .pathChanged(let id, let time): inboxes.receive.post(.pathChanged(id, at: time))
      default: lanes.control.post(.event(event, lane: index))
      }
    }
    output.events.removeAll(keepingCapacity: true)
  }

  private mutating func flush() {
    udp.send(output.datagrams, from: sealed.slab)
    for record in output.records { udp.send(record.bytes, to: record.destination) }
    for reply in output.replies { give(reply) }
    output.removeSent()
  }

  /// Asks for sizes that the kernel does not refuse; those may be refused, too.
  private mutating func learn(at now: Timestamp) {
    while let refusal = udp.takeRefusal() {
      transmitter.refused(
        refusal.byteCount, to: refusal.destination, at: now, into: &output)
      flush()
    }
  }

  /// Gives the TUN a packet that the transmitter made.
  private mutating func give(_ reply: [UInt8]) {
    let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: reply.count)
    var slot = replySlab[range.grown(front: OffloadHeader.byteCount, back: 0)]
    OffloadHeader.plain.encode(into: &slot)
    slot.copy(reply.rawSpan, to: OffloadHeader.byteCount)
    do throws(SystemError) {
      tunDropped += UInt64(try tun.write([range], from: replySlab))
    } catch {
      journal.fail("interface \(tun.name): \(error)")
      running = false
    }
  }

  private mutating func perform(_ command: TransmitCommand, at now: Timestamp) {
    switch command {
    case .setPeer(let index, let peer):
      transmitter.setPeer(index, peer, at: now, into: &output)
    case .refuseUnknown(let address):
      transmitter.refuseUnknown(address, at: now, into: &output)
    case .removePeer(let index): transmitter.removePeer(index)
    case .install(let index, let established, let sendOn):
      transmitter.install(established, of: index, sendOn: sendOn, at: now, into: &output)
      for waiting in pings.takeWaiting(for: index) { ping(index, waiting, at: now) }
    case .retire(let id, let tell): transmitter.retire(id, tell: tell, at: now, into: &output)
    case .setUnreachable(let index, let isUnreachable):
      transmitter.setUnreachable(index, isUnreachable, into: &output)
    case .setEndpoint(let index, let endpoint):
      transmitter.setEndpoint(index, endpoint, at: now, into: &output)
    case .declare(let kind, let flow, let index):
      transmitter.declare(kind, for: flow, of: index)
    case .setKeepalive(let interval): transmitter.setKeepalive(interval)
    case .setNAT64(let prefix): udp.nat64 = prefix
    case .forgetPaths: transmitter.forgetPaths(at: now, into: &output)
    case .challengeAll: transmitter.challengeAll(at: now, into: &output)
    case .sendFrame(let index, let frame):
      transmitter.send(frame, to: index, at: now, into: &output)
    case .probe(let index, let endpoint):
      transmitter.probe(index, endpoint, at: now, into: &output)
    case .forgetWay(let index, let endpoint):
      transmitter.forgetWay(index, endpoint, at: now, into: &output)
    case .check(let index): transmitter.check(index, at: now, into: &output)
    case .send(let bytes, let endpoint): transmitter.send(bytes, to: endpoint, into: &output)
    case .ping(let index, let waiting): ping(index, waiting, at: now)
    case .status(var status, let reply):
      complete(&status)
      if !inboxes.receive.post(.status(status, reply)) { reply.send(status) }
    case .stop: running = false
    }
    settle(at: now)
  }

  /// Sends a challenge on the open session, or asks for one first.
  private mutating func ping(_ index: PeerIndex, _ waiting: PingTable.Waiting, at now: Timestamp) {
    if let token = transmitter.challenge(index, at: now, into: &output) {
      pings.sent(token, waiting)
      return
    }
    pings.wait(for: index, waiting)
    output.events.append(.wanted(index))
  }

  private func complete(_ status: inout EngineStatus) {
    for (permID, peer) in status.peers {
      status.peers[permID]?.path.add(transmitter.report(peer.index, at: status.now))
    }
    status.lanes = lanes.count
    status.udpGSO = status.udpGSO && udp.gso
    status.tunOffload = tun.grantedOffload.names
    status.count(transmitter.counters.named + udp.counters + [("dropped.tun", tunDropped)])
  }
}
