import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// Where the sending side computes the checksums that its kernel left out.
@Suite("Checksums completed by the sender")
struct CompletionTests {
  @Test("a peer that takes no chunks gets complete packets", arguments: 0..<10)
  func plainPeer(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair(capabilities: [])
    for _ in 0..<5 {
      let sent = pair.randomPacket(using: &random)
      let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
      #expect(written.allSatisfy { $0.offload == .plain })
      #expect(difference(written.map(\.bytes), sent.remote.segments) == nil)
    }
  }

  @Test("a UDP checksum that comes out as zero is sent as its other form", arguments: [4, 6])
  func zero(version: Int) throws {
    let pair = SuperPair(capabilities: [])
    var sent = pair.packet(isIPv6: version == 6, .udp, [0, 0, 7])
    // On the wire between other addresses: so that it becomes zero there.
    let wire = pair.packet(isIPv6: version == 6, .udp, [0, 0, 7])
    var remote = wire.local
    if version == 4 {
      remote.source = .big(pair.a.wireAlias.value)
      remote.destination = .big(pair.b.wireAlias.value)
    }
    let now = remote.segments[0].word(remote.ipLength + 6)
    sent.change { $0.payload.put(now, at: 0) }
    remote.payload.put(now, at: 0)
    #expect(remote.segments[0].word(remote.ipLength + 6) == 0xffff)
    let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
    #expect(written == [TUNPacket(sent.remote.segments[0])])
  }

  @Test("behind IPv6 extension headers it is completed before sealing", arguments: 0..<10)
  func extensionHeaders(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let pair = SuperPair()
    let sent = pair.packet(isIPv6: true, .udp, .random(Int(seed) * 37, using: &random))
    // Destination options of 8 bytes (RFC 8200 §4.6) between the IP header and UDP.
    func extended(_ bytes: [UInt8]) -> [UInt8] {
      var bytes = Array(bytes[..<40]) + [17, 0, 1, 4, 0, 0, 0, 0] + bytes[40...]
      bytes[6] = 60
      bytes.put(UInt16(bytes.count - 40), at: 4)
      return bytes
    }
    var offload = sent.local.offload
    offload.checksumStart += 8
    let packet = TUNPacket(extended(sent.local.handedOver), offload)
    let written = pair.carry(pair.a.transmit([packet]))
    #expect(difference(written.map(\.bytes), [extended(sent.remote.segments[0])]) == nil)
  }

  @Test("a checksum that is said to lie outside the packet stops it", arguments: [0, 47, 65_535])
  func outside(start: UInt16) {
    let pair = SuperPair()
    var bytes = pair.packet(isIPv6: true, .udp, [1]).local.handedOver
    bytes[6] = 253
    let offload = OffloadHeader(
      flags: OffloadHeader.needsChecksum, checksumStart: start, checksumOffset: 65_535)
    #expect(pair.carry(pair.a.transmit([TUNPacket(bytes, offload)])).isEmpty)
    #expect(pair.a.counters.malformed == 1)
  }

  @Test("packets that wait for a session wait complete, the first sixteen of a large one")
  func waiting() {
    let pair = SuperPair(isOpen: false)
    var random = SeededRandom(seed: 1)
    let sent = pair.packet(
      isIPv6: false, .tcp(sequence: 1, flags: 0x18, options: []), .random(20_000, using: &random),
      gsoSize: 1000)
    #expect(pair.a.transmit([TUNPacket(sent.local)]).isEmpty)
    #expect(pair.a.counters.queue == 4)
    pair.a.out.removeAll()
    pair.install(ids: (0x110, 0x220), keys: (1, 2))
    // The first record is the challenge that confirms the session.
    let written = pair.carry(pair.a.out.records.map(\.bytes))
    #expect(difference(written.map(\.bytes), Array(sent.remote.segments.prefix(16))) == nil)
  }

  @Test("a large packet to an unreachable peer is answered with one ICMP error")
  func refusedOnce() {
    let pair = SuperPair(isOpen: false)
    var random = SeededRandom(seed: 1)
    let sent = pair.packet(
      isIPv6: true, .tcp(sequence: 1, flags: 0x18, options: []), .random(20_000, using: &random),
      gsoSize: 1000)
    pair.a.lane.setUnreachable(pair.a.peer, true, into: &pair.a.out)
    #expect(pair.a.transmit([TUNPacket(sent.local)]).isEmpty)
    #expect(pair.a.out.replies.count == 1)
    #expect(pair.a.counters.queue == 20)
  }
}
