import IPv8Crypto
import IPv8DataPlane
import IPv8Platform
import IPv8Simulator
import IPv8Wire
import P2TP
import Synchronization

@testable import IPv8Daemon

/// A lane on two threads, with queues in memory where the daemon has a TUN device and sockets.
struct ThreadedLane: Sendable {
  /// More than a test sends.
  static let queueLimit = 100_000
  static let batch = 64
  static let slotSize = 2048

  /// What happened on both threads, once they have ended.
  struct Outcome: Sendable {
    var report = LanePeerReport()
    var counters = LaneCounters()
    var receptions = 0
    var faults: [String] = []
  }

  let host: TestHost
  let inboxes: LaneInboxes
  /// Packets of local programs.
  let packets: Inbox<[UInt8]>
  /// Datagrams of the peer.
  let wire: Inbox<[UInt8]>
  let delivered: Delivered

  init(_ host: TestHost, expecting count: Int) throws {
    self.host = host
    inboxes = try LaneInboxes()
    packets = try Inbox(limit: Self.queueLimit)
    wire = try Inbox(limit: Self.queueLimit)
    delivered = Delivered(count: count)
  }

  func start(
    with peer: ThreadedLane, session: EstablishedSession, in threads: inout ThreadGroup
  ) throws {
    let known = LanePeer(
      address: peer.host.address, alias: nil, wireAlias: peer.host.wireAlias, keepOpen: false)
    let transmit = try TransmitSide(self, to: peer, known, session)
    try threads.start(name: "tx-\(host.number)", state: transmit) {
      var side = $0
      side.run()
    }
    let receive = try ReceiveSide(self, from: peer, known, session)
    try threads.start(name: "rx-\(host.number)", state: receive) {
      var side = $0
      side.run()
    }
  }
}

/// Packets that reached a host's programs, and what its threads had to say in the end.
final class Delivered: Sendable {
  private let count: Int
  private let state = Mutex((packets: [[UInt8]](), outcome: ThreadedLane.Outcome()))
  /// Signalled when all have come.
  let complete: Waker?

  init(count: Int) {
    self.count = count
    complete = try? Waker()
  }

  func add(_ packets: [[UInt8]]) {
    let isComplete = state.withLock { state in
      state.packets += packets
      return state.packets.count >= count
    }
    if isComplete { complete?.signal() }
  }

  func note(_ change: (inout ThreadedLane.Outcome) -> Void) {
    state.withLock { change(&$0.outcome) }
  }

  var packets: [[UInt8]] { state.withLock { $0.packets } }
  var outcome: ThreadedLane.Outcome { state.withLock { $0.outcome } }
}

private enum Token {
  static let queue = EventLoop.Token(1)
  static let inbox = EventLoop.Token(2)
}

/// As ``TransmitLoop``, without its descriptors.
private struct TransmitSide: ~Copyable {
  private let lane: ThreadedLane
  private let wire: Inbox<[UInt8]>
  private var transmitter: Transmitter
  private var loop: EventLoop
  private var slab = PacketSlab(slotCount: ThreadedLane.batch, slotSize: ThreadedLane.slotSize)
  private var sealed = PacketArena(capacity: 2 * ThreadedLane.batch * ThreadedLane.slotSize)
  private var taken = ReceptionBox.Contents()
  private var output = TransmitOutput()
  private var receptions = 0
  private var running = true

  init(
    _ lane: ThreadedLane, to peer: ThreadedLane, _ known: LanePeer, _ session: EstablishedSession
  ) throws {
    let loop = try EventLoop()
    try loop.add(lane.packets.waker, token: Token.queue)
    try loop.add(lane.inboxes.transmit.waker, token: Token.inbox)
    self.loop = loop
    self.lane = lane
    wire = peer.wire
    let seed = SecretBytes(copying: [UInt8](repeating: lane.host.number, count: 32).rawSpan)
    transmitter = Transmitter(
      address: lane.host.address, alias: nil, wireAlias: lane.host.wireAlias,
      entropy: Entropy(seed: seed))
    transmitter.setPeer(PeerIndex(0), known)
    transmitter.install(
      session, of: PeerIndex(0), sendOn: true, at: SystemClock.now(), into: &output)
  }

  mutating func run() {
    do throws(SystemError) {
      flush()
      while running { try turn() }
    } catch {
      lane.delivered.note { $0.faults.append("\(error)") }
    }
    hear(at: SystemClock.now())
    let (report, counters) = (transmitter.report(PeerIndex(0)), transmitter.counters)
    lane.delivered.note {
      $0.report = report
      $0.counters = $0.counters + counters
      $0.receptions = receptions
    }
  }

  private mutating func turn() throws(SystemError) {
    var ready: [EventLoop.Token] = []
    try loop.wait(until: transmitter.nextDeadline, into: &ready)
    hear(at: SystemClock.now())
    if ready.contains(Token.queue) {
      var rest = lane.packets.drain()[...]
      while !rest.isEmpty {
        transmit(rest.prefix(ThreadedLane.batch))
        rest = rest.dropFirst(ThreadedLane.batch)
      }
    }
    for case .stop in lane.inboxes.transmit.drain() { running = false }
    transmitter.advance(to: SystemClock.now(), into: &output)
    flush()
  }

  private mutating func hear(at now: Timestamp) {
    lane.inboxes.receptions.take(into: &taken)
    receptions += taken.receptions.count
    for news in taken.receptions { transmitter.receive(news, at: now, into: &output) }
    for event in taken.events { transmitter.handle(event, at: now, into: &output) }
  }

  private mutating func transmit(_ packets: ArraySlice<[UInt8]>) {
    var ranges: [PacketRange] = []
    for packet in packets {
      let range = PacketRange(
        slot: ranges.count, offset: PacketSlab.headroom, length: packet.count)
      slab.fill(range, with: packet)
      slab.fill(
        range.grown(front: OffloadHeader.byteCount, back: -packet.count),
        with: [UInt8](repeating: 0, count: OffloadHeader.byteCount))
      ranges.append(range)
    }
    let now = SystemClock.now()
    hear(at: now)
    transmitter.transmit(ranges, slab: &slab, arena: &sealed, at: now, into: &output)
    flush()
  }

  private mutating func flush() {
    var isFull = false
    for datagram in output.datagrams where !wire.post(sealed.slab.bytes(of: datagram.range)) {
      isFull = true
    }
    for record in output.records where !wire.post(record.bytes) { isFull = true }
    if isFull { lane.delivered.note { $0.faults.append("the wire is full") } }
    output.removeSent()
    output.events.removeAll()
  }
}

/// As ``ReceiveLoop``, without its descriptors.
private struct ReceiveSide: ~Copyable {
  private let lane: ThreadedLane
  private let source: Endpoint
  private var receiver: Receiver
  private var loop: EventLoop
  private var slab = PacketSlab(slotCount: ThreadedLane.batch, slotSize: ThreadedLane.slotSize)
  private var opened = PacketArena(capacity: 2 * ThreadedLane.batch * ThreadedLane.slotSize)
  private var output = ReceiveOutput()
  private var tellAt = Timestamp.distantFuture
  private var running = true

  init(
    _ lane: ThreadedLane, from peer: ThreadedLane, _ known: LanePeer, _ session: EstablishedSession
  ) throws {
    let loop = try EventLoop()
    try loop.add(lane.wire.waker, token: Token.queue)
    try loop.add(lane.inboxes.receive.waker, token: Token.inbox)
    self.loop = loop
    self.lane = lane
    source = peer.host.endpoint
    receiver = Receiver(
      address: lane.host.address, alias: nil, wireAlias: lane.host.wireAlias)
    receiver.setPeer(PeerIndex(0), known)
    receiver.install(session, of: PeerIndex(0))
  }

  /// Ends before the outbound half does, which then hears all.
  mutating func run() {
    do throws(SystemError) {
      while running { try turn() }
    } catch {
      lane.delivered.note { $0.faults.append("\(error)") }
    }
    _ = lane.inboxes.receptions.leave(&receiver, [], isDue: true)
    let counters = receiver.counters
    lane.delivered.note { $0.counters = $0.counters + counters }
    lane.inboxes.transmit.post(.stop)
  }

  private mutating func turn() throws(SystemError) {
    var ready: [EventLoop.Token] = []
    try loop.wait(until: min(receiver.nextDeadline, tellAt), into: &ready)
    if ready.contains(Token.queue) {
      var rest = lane.wire.drain()[...]
      while !rest.isEmpty {
        receive(rest.prefix(ThreadedLane.batch))
        rest = rest.dropFirst(ThreadedLane.batch)
      }
    }
    for case .stop in lane.inboxes.receive.drain() { running = false }
    receiver.advance(to: SystemClock.now())
    tell()
  }

  private mutating func receive(_ datagrams: ArraySlice<[UInt8]>) {
    var trains: [DatagramTrain] = []
    for datagram in datagrams {
      let range = PacketRange(
        slot: trains.count, offset: PacketSlab.headroom, length: datagram.count)
      slab.fill(range, with: datagram)
      trains.append(
        DatagramTrain(range: range, segmentSize: datagram.count, source: source, ecn: 0))
    }
    receiver.receive(
      trains[...], slab: slab, arena: &opened, at: SystemClock.now(), into: &output)
    tell()
    lane.delivered.add(output.packets.map { opened.slab.bytes(of: $0) })
    if !output.unclaimed.isEmpty { lane.delivered.note { $0.faults.append("unclaimed") } }
    output.removeAll()
  }

  private mutating func tell() {
    let now = SystemClock.now()
    let waits = lane.inboxes.receptions.leave(&receiver, output.events, isDue: tellAt <= now)
    output.events.removeAll()
    if !waits {
      tellAt = .distantFuture
    } else if tellAt == .distantFuture || tellAt <= now {
      tellAt = now + ReceptionBox.patience
    }
  }
}
