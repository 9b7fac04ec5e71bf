import IPv8DataPlane
import IPv8Platform
import IPv8Simulator
import IPv8Wire
import P2TP

@testable import IPv8Daemon

/// As ``ReceiveLoop``, without its descriptors.
struct ReceiveSide: ~Copyable {
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
    try loop.add(lane.wire.waker, token: ThreadedLane.Token.queue)
    try loop.add(lane.inboxes.receive.waker, token: ThreadedLane.Token.inbox)
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
    if ready.contains(ThreadedLane.Token.queue) {
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
