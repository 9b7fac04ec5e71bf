import AllocationCount
import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

@Suite("Memory of the packet path")
struct AllocationTests {
  @Test("the counter counts")
  func counter() {
    let before = allocation_count()
    let array = [UInt8](repeating: 1, count: Int.random(in: 1000...2000))
    #expect(allocation_count() > before && !array.isEmpty)
  }

  /// Without optimisation, taking an element of an array by a generic function allocates.
  private static func iterations(of count: Int) -> UInt64 {
    #if DEBUG
      UInt64(count + 8)
    #else
      0
    #endif
  }

  @Test("batches of large, small and plain packets allocate nothing after the first ones")
  func steady() {
    let pair = SuperPair()
    var random = SeededRandom(seed: 1)
    var packets: [TUNPacket] = []
    for isIPv6 in [true, false] {
      let large = pair.packet(
        isIPv6: isIPv6, .tcp(sequence: 1, flags: 0x18, options: []),
        .random(60_000, using: &random), gsoSize: 1188)
      packets.append(TUNPacket(large.local))
      packets.append(TUNPacket(large.local.segments[0]))
      for _ in 0..<10 {
        packets.append(TUNPacket(pair.packet(isIPv6: isIPv6, .udp, [1, 2, 3]).local))
      }
    }
    var (sent, received) = (TransmitOutput(), ReceiveOutput())
    var receptions: [Reception] = []
    for round in 0..<12 as Range<UInt64> {
      let now = SuperPair.now + .milliseconds(Int64(round))
      sent.removeSent()
      received.removeAll()
      receptions.removeAll(keepingCapacity: true)
      let ranges = pair.a.place(packets)
      let before = allocation_count()
      pair.a.lane.transmitter.transmit(
        ranges, slab: &pair.a.tunSlab, arena: &pair.a.sealed, at: now, into: &sent)
      let sealed = allocation_count()
      let trains = pair.b.place(pair.a.bytes(of: sent.datagrams), from: pair.a.endpoint)
      let opening = allocation_count()
      pair.b.lane.receiver.receive(
        trains[...], slab: pair.b.udpSlab, arena: &pair.b.opened, at: now, into: &received)
      let opened = allocation_count()
      pair.b.lane.receiver.collect(into: &receptions)
      for news in receptions { pair.b.lane.transmitter.receive(news, at: now, into: &sent) }
      let told = allocation_count()
      #expect(sent.datagrams.count > 100 && received.packets.count > 4 && receptions.count == 1)
      guard round >= 4 else { continue }
      #expect(sealed - before <= Self.iterations(of: ranges.count))
      #expect(opened - opening <= Self.iterations(of: trains.count + sent.datagrams.count))
      #expect(told - opened <= Self.iterations(of: receptions.count))
    }
  }
}
