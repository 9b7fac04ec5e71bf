import IPv8Crypto
import IPv8DataPlane
import IPv8Platform
import IPv8Simulator
import IPv8Wire
import P2TP

@testable import IPv8Daemon

/// As ``TransmitLoop``, without its descriptors.
struct TransmitSide: ~Copyable {
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
    try loop.add(lane.packets.waker, token: ThreadedLane.Token.queue)
    try loop.add(lane.inboxes.transmit.waker, token: ThreadedLane.Token.inbox)
    self.loop = loop
    self.lane = lane
    wire = peer.wire
    let seed = SecretBytes(copying: [UInt8](repeating: lane.host.number, count: 32).rawSpan)
    transmitter = Transmitter(
      address: lane.host.address, alias: nil, wireAlias: lane.host.wireAlias,
      rate: RateControl(mode: .observe),
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
    let (report, counters) = (
      transmitter.report(PeerIndex(0), at: SystemClock.now()), transmitter.counters
    )
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
    if ready.contains(ThreadedLane.Token.queue) {
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
