import IPv8Wire
import Testing

@testable import IPv8Platform

/// How datagrams become messages, and messages pieces of memory.
@Suite("A plan of what is sent")
struct SendPlanTests {
  private let slab = Slab()
  private let one = loopback(.v4, port: 1)
  private let two = loopback(.v4, port: 2)

  /// Behind a reference, because a test's suite is copied.
  private final class Slab {
    let slab = PacketSlab(slotCount: 2, slotSize: 65_536)
  }

  private func datagram(
    _ offset: Int, _ length: Int, slot: Int = 0, to destination: Endpoint? = nil
  ) -> OutgoingDatagram {
    OutgoingDatagram(
      range: PacketRange(slot: slot, offset: offset, length: length),
      destination: destination ?? one)
  }

  /// Messages and pieces of memory of a plan of `datagrams`, and how many it took.
  private func plan(
    _ datagrams: [OutgoingDatagram], merging: Bool = true
  ) -> (messages: [Int], parts: Int, taken: Int) {
    var plan = SendPlan()
    let taken = plan.fill(datagrams, from: 0, in: slab.slab, merging: merging)
    return ((0..<plan.messageCount).map { plan.datagramCount($0) }, plan.partCount, taken)
  }

  @Test("makes one piece of datagrams that follow each other in memory, the last a shorter one")
  func contiguous() {
    let datagrams = (0..<10).map { datagram(1_000 * $0, $0 == 9 ? 7 : 1_000) }
    #expect(plan(datagrams) == ([10], 1, 10))
  }

  @Test("leaves apart what does not follow: gaps, another slot, the wrong order")
  func apart() {
    #expect(plan((0..<10).map { datagram(1_001 * $0, 1_000) }) == ([10], 10, 10))
    let gap = (0..<10).map { datagram(1_000 * $0 + ($0 < 5 ? 0 : 16), 1_000) }
    #expect(plan(gap) == ([10], 2, 10))
    #expect(plan((0..<10).reversed().map { datagram(1_000 * $0, 1_000) }) == ([10], 10, 10))
    let slots = [
      datagram(64_536, 1_000), datagram(0, 1_000, slot: 1), datagram(1_000, 1_000, slot: 1),
    ]
    // The slots of a slab follow each other in memory, too.
    #expect(plan(slots) == ([3], 1, 3))
    #expect(plan([datagram(0, 1_000), datagram(1_000, 1_000, slot: 1)]) == ([2], 2, 2))
  }

  @Test("never lengthens a piece of another message: other destinations, sizes, no merging")
  func messages() {
    let destinations = (0..<4).map { datagram(1_000 * $0, 1_000, to: $0 < 2 ? one : two) }
    #expect(plan(destinations) == ([2, 2], 2, 4))
    let sizes = [datagram(0, 100), datagram(100, 200), datagram(300, 200)]
    #expect(plan(sizes) == ([1, 2], 2, 3))
    let ecn = (0..<4).map {
      OutgoingDatagram(
        range: datagram(1_000 * $0, 1_000).range, destination: one, ecn: $0 < 3 ? 2 : 0)
    }
    #expect(plan(ecn) == ([3, 1], 2, 4))
    let alike = (0..<4).map { datagram(1_000 * $0, 1_000) }
    #expect(plan(alike, merging: false) == ([1, 1, 1, 1], 4, 4))
  }

  @Test(
    "datagrams in one piece and in several arrive alike", arguments: 1...5 as ClosedRange<UInt64>)
  func arrive(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var sender = try UDPSocket(family: .v4, port: 0)
    var receiver = try UDPSocket(family: .v4, port: 0)
    let destination = loopback(.v4, port: receiver.port)
    var slab = PacketSlab(slotCount: 1, slotSize: 150_000)
    var datagrams: [OutgoingDatagram] = []
    var contents: [[UInt8]] = []
    var offset = 0
    for _ in 0..<100 {
      let content = (0..<1_000).map { _ in UInt8.random(in: 0...255, using: &random) }
      let range = PacketRange(slot: 0, offset: offset, length: content.count)
      var span = slab[range]
      span.copy(content.rawSpan, to: 0)
      datagrams.append(OutgoingDatagram(range: range, destination: destination))
      contents.append(content)
      offset +=
        content.count + (Bool.random(using: &random) ? 0 : Int.random(in: 1...99, using: &random))
    }
    let result = sender.send(datagrams, from: slab)
    #expect(result.sent == 100)
    var joined = 0
    let received = try receive(100, at: &receiver, joined: &joined)
    #expect(received == contents)
  }
}
