import IPv8Crypto
import IPv8DataPlane
import IPv8Simulator
import IPv8Wire
import P2TP

@testable import IPv8Daemon

/// The inbound half of a lane with an open session, and the peer that sends to it.
final class ReceiverFixture {
  let box: ReceptionBox
  private var receiver: Receiver
  private var peer: OutboundSession
  private var slab = PacketSlab(slotCount: 1, slotSize: 256)
  private var arena = PacketArena(capacity: 2048)
  private var output = ReceiveOutput()
  private let source: Endpoint
  private let now = Timestamp(nanoseconds: 1_000_000_000_000)

  /// The session's first record has come and is told.
  init(_ box: ReceptionBox) {
    let (one, two) = (TestHost(1), TestHost(2))
    let (first, second) = EstablishedSession.pair(
      at: now, endpoints: (one.endpoint, two.endpoint))
    self.box = box
    source = one.endpoint
    receiver = Receiver(address: two.address, alias: nil, wireAlias: two.wireAlias)
    receiver.setPeer(
      PeerIndex(0),
      LanePeer(address: one.address, alias: nil, wireAlias: one.wireAlias, keepOpen: false))
    receiver.install(second, of: PeerIndex(0))
    peer = OutboundSession(first, of: PeerIndex(0))
    receive()
    output.removeAll()
    var told: [Reception] = []
    receiver.collect(into: &told)
  }

  /// Receives a record of `frames`.
  func receive(_ frames: [UInt8] = []) {
    var record = [UInt8](repeating: 0, count: DatagramKind.recordPrefix) + frames
    record += [UInt8](repeating: 0, count: AEADSuite.tagByteCount)
    _ = record.withMutableRawSpan { peer.seal(&$0, isData: false, at: now) }
    let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: record.count)
    slab.fill(range, with: record)
    let train = DatagramTrain(
      range: range, segmentSize: record.count, source: source, ecn: 0)
    receiver.receive([train][...], slab: slab, arena: &arena, at: now, into: &output)
  }

  /// Receives a record that asks for an answer.
  func receiveChallenge(_ token: UInt64) {
    var frames: [UInt8] = []
    Frame.challenge(token).append(to: &frames)
    Frame.pad(&frames)
    receive(frames)
  }

  /// Leaves what is there in the box, as the receiving thread does.
  func leave(isDue: Bool = false) -> Bool {
    defer { output.removeAll() }
    return box.leave(&receiver, output.events, isDue: isDue)
  }

  func take() -> (records: [UInt32], events: [ReceiveEvent]) {
    var taken = ReceptionBox.Contents()
    box.take(into: &taken)
    return (taken.receptions.map(\.records), taken.events)
  }
}
