import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import P2TP

/// The thread of a lane's inbound half: one loop over the UDP sockets.
///
/// Owns its state by move; others reach it through its inbox alone.
struct ReceiveLoop: ~Copyable {
  private enum Token {
    static let udp4 = EventLoop.Token(1)
    static let udp6 = EventLoop.Token(2)
    static let inbox = EventLoop.Token(3)
    /// Of extra sockets; the rest is the socket's number.
    static let sockets: UInt32 = 1 << 31
  }

  /// Batches in a row before the loop looks at its timers and inbox again.
  private static let batchesPerTurn = 16
  /// Trains of one call. Slots follow each other at a distance that is no power of two, so that
  /// their first lines do not compete for the same sets of the cache.
  private static let slotCount = 64
  private static let slotSize = UDPSocket.trainLimit + 1537
  /// Bytes that are opened before the TUN gets them: one train more than a usual batch.
  private static let batchBytes = UDPSocket.batchBytes + UDPSocket.trainLimit
  /// What they become; each record loses more than alignment adds.
  private static let openedBytes = batchBytes + UDPSocket.trainLimit

  private var receiver: Receiver
  private let tun: TunDevice
  private var udp: UDPSockets
  private let index: Int
  private let lanes: Lanes
  private let inboxes: LaneInboxes
  private let journal: Journal
  private var loop: PollLoop

  private var slab = PacketSlab(slotCount: slotCount, slotSize: slotSize, isZeroed: false)
  private var opened = PacketArena(capacity: openedBytes)
  private var ready: [EventLoop.Token] = []
  private var trains: [DatagramTrain] = []
  private var output = ReceiveOutput()
  private var onward: [OutgoingDatagram] = []
  /// Extra sockets that sessions take; there are few, and mostly none.
  private var sockets: [UInt32: ExtraSockets.Socket] = [:]
  /// When the outbound half is woken for what can wait.
  private var tellAt = Timestamp.distantFuture
  private var tunDropped: UInt64 = 0
  private var overload: UInt64 = 0
  private var running = true

  init(
    _ receiver: consuming Receiver, tun: consuming TunDevice, udp: consuming UDPSockets,
    lane index: Int, of lanes: Lanes, journal: Journal
  ) throws(SystemError) {
    let inboxes = lanes.all[index]
    var loop = try PollLoop()
    udp.watch(with: &loop, v4: Token.udp4, v6: Token.udp6)
    loop.add(inboxes.receive.waker, token: Token.inbox)
    self.loop = loop
    self.receiver = receiver
    self.tun = tun
    self.udp = udp
    self.index = index
    self.lanes = lanes
    self.inboxes = inboxes
    self.journal = journal
  }

  /// Runs until it is told to stop.
  mutating func run() {
    do throws(SystemError) {
      while running { try turn() }
    } catch {
      journal.fail("packets from peers: \(error)")
    }
    for command in inboxes.receive.close() { perform(command) }
  }

  private mutating func turn() throws(SystemError) {
    try loop.wait(until: min(receiver.nextDeadline, tellAt), into: &ready)
    for token in ready {
      switch token {
      case Token.udp4: try receive(.v4)
      case Token.udp6: try receive(.v6)
      case Token.inbox: for command in inboxes.receive.drain() { perform(command) }
      default: hearSocket(token.value & ~Token.sockets)
      }
    }
    let now = SystemClock.now()
    receiver.advance(to: now)
    tell(at: now)
  }

  private mutating func receive(_ family: UDPSocket.Family) throws(SystemError) {
    for _ in 0..<Self.batchesPerTurn {
      let mayBeMore = try udp.receive(family, into: &slab, trains: &trains)
      guard !trains.isEmpty else { return }
      var rest = trains[...]
      while !rest.isEmpty {
        let now = SystemClock.now()
        let group = Self.group(rest)
        receiver.receive(group, slab: slab, arena: &opened, at: now, into: &output)
        settle(at: now)
        rest = rest[group.endIndex...]
      }
      if !mayBeMore { return }
    }
  }

  /// As many of the first `trains` as the arena holds.
  private static func group(_ trains: ArraySlice<DatagramTrain>) -> ArraySlice<DatagramTrain> {
    var bytes = 0
    for place in trains.indices {
      bytes += Int(trains[place].range.length)
      if bytes > batchBytes { return trains[..<place] }
    }
    return trains
  }

  /// Gives the TUN what was opened, and the control thread what belongs to no session.
  private mutating func settle(at now: Timestamp) {
    do throws(SystemError) {
      tunDropped += UInt64(try tun.write(output.packets, from: opened.slab))
    } catch {
      journal.fail("interface \(tun.name): \(error)")
      running = false
    }
    for datagram in output.unclaimed {
      guard datagram.range.length <= StrayDatagram.byteLimit else {
        overload += 1
        continue
      }
      let bytes = slab.contents(of: datagram.range).copyBytes()
      let stray = StrayDatagram(bytes: bytes, source: datagram.source, ecn: datagram.ecn)
      if !pass(stray) { overload += 1 }
    }
    for message in output.messages {
      if !lanes.control.post(.message(message), isDispensable: true) { overload += 1 }
    }
    passOn()
    tell(at: now)
    output.removeAll()
  }

  /// Sends what this host relays from where it was received, under the other tag.
  private mutating func passOn() {
    guard !output.onward.isEmpty else { return }
    onward.removeAll(keepingCapacity: true)
    for datagram in output.onward {
      var bytes = slab[datagram.range]
      bytes.storeBigEndian(DatagramKind.relayWord(datagram.tag), at: 0)
      onward.append(
        OutgoingDatagram(
          range: datagram.range, destination: datagram.destination, ecn: datagram.ecn))
    }
    udp.send(onward, from: slab)
  }

  /// Hands a datagram that this lane has no session for to whom it may concern: the lane of its
  /// strand, which the kernel may have missed when it joined datagrams of several, or the control
  /// thread. False where too much waits there.
  private func pass(_ datagram: StrayDatagram) -> Bool {
    if case .record(_, let id) = DatagramKind(datagram.bytes.rawSpan), lanes.index(of: id) != index
    {
      return lanes.all[lanes.index(of: id)].receive.post(
        .passed(datagram), isDispensable: true)
    }
    return lanes.control.post(.stray(datagram), isDispensable: true)
  }

  /// Leaves what was learnt for the outbound half.
  private mutating func tell(at now: Timestamp) {
    let waits = inboxes.receptions.leave(&receiver, output.events, isDue: tellAt <= now)
    if !waits {
      tellAt = .distantFuture
    } else if tellAt == .distantFuture || tellAt <= now {
      tellAt = now + ReceptionBox.patience
    }
  }

  private mutating func perform(_ command: ReceiveCommand) {
    switch command {
    case .setPeer(let index, let peer): receiver.setPeer(index, peer)
    case .removePeer(let index): receiver.removePeer(index)
    case .install(let index, let established): receiver.install(established, of: index)
    case .forget(let id): receiver.forget(id)
    case .pathChanged(let id, let time): receiver.pathChanged(id, at: time)
    case .setRelay(let link): receiver.setRelay(link)
    case .removeRelay(let key): receiver.removeRelay(key)
    case .hearSocket(let number, let socket):
      sockets[number] = socket
      loop.add(socket.side.descriptor, token: EventLoop.Token(Token.sockets | number))
    case .closeSocket(let number):
      guard sockets.removeValue(forKey: number) != nil else { return }
      loop.remove(EventLoop.Token(Token.sockets | number))
    case .setNAT64(let prefix): udp.nat64 = prefix
    case .passed(let datagram): receive(datagram, isLast: false)
    case .claimed(let datagram): receive(datagram, isLast: true)
    case .status(var status, let reply):
      status.udpGRO = status.udpGRO && udp.gro
      status.count(
        receiver.counters.named + udp.counters
          + [("dropped.tun", tunDropped), ("dropped.overload", overload)])
      if index + 1 < lanes.count,
        lanes.all[index + 1].transmit.post(.status(status, reply))
      {
        return
      }
      reply.send(status)
    case .stop: running = false
    }
  }

  private mutating func hearSocket(_ number: UInt32) {
    guard let socket = sockets[number] else { return }
    let source = Endpoint(.socket(number))
    for _ in 0..<ExtraSockets.batch {
      guard let bytes = socket.receive() else { return }
      if bytes.isEmpty { continue }
      receive(StrayDatagram(bytes: bytes, source: source, ecn: 0), isLast: false)
    }
  }

  /// Takes a datagram that another thread had first. What is in it and of no session here goes on to
  /// the control thread, which may not have given this lane the session yet, unless it comes from there.
  private mutating func receive(_ datagram: StrayDatagram, isLast: Bool) {
    let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: datagram.bytes.count)
    var slot = slab[range]
    slot.copy(datagram.bytes.rawSpan, to: 0)
    let train = DatagramTrain(
      range: range, segmentSize: datagram.bytes.count, source: datagram.source, ecn: datagram.ecn)
    let now = SystemClock.now()
    receiver.receive([train][...], slab: slab, arena: &opened, at: now, into: &output)
    if isLast { output.unclaimed.removeAll(keepingCapacity: true) }
    settle(at: now)
  }
}
