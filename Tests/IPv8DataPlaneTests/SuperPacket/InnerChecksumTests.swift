import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// Packets whose kernel left out another checksum than that of the transport behind the IP header,
/// or whose transport stands elsewhere.
@Suite("Checksums further inside")
struct InnerChecksumTests {
  /// TCP within VXLAN (RFC 7348) within UDP: only the checksum of the TCP segment is left out.
  private func encapsulated(
    _ pair: SuperPair, isIPv6: Bool, hasChecksum: Bool
  ) -> (packet: TUNPacket, expected: [UInt8]) {
    let inner = KernelPacket(
      source: [10, 80, 0, 1], destination: [10, 80, 0, 2],
      transport: .tcp(sequence: 9, flags: 0x10, options: []),
      payload: [UInt8](repeating: 5, count: 333))
    let front = [UInt8](repeating: 8, count: 8 + 14)
    var outer = pair.packet(isIPv6: isIPv6, .udp, front + inner.segments[0])
    outer.change { $0.hasChecksum = hasChecksum }
    var bytes = outer.local.segments[0]
    bytes.replaceSubrange((bytes.count - inner.handedOver.count)..., with: inner.handedOver)
    let start = outer.local.ipLength + 8 + front.count + inner.ipLength
    let offload = OffloadHeader(
      flags: OffloadHeader.needsChecksum, checksumStart: UInt16(start), checksumOffset: 16)
    return (TUNPacket(bytes, offload), outer.remote.segments[0])
  }

  @Test(
    "of a packet within a packet is completed before sealing",
    arguments: [true, false], [true, false])
  func encapsulation(isIPv6: Bool, takesChunks: Bool) {
    for hasChecksum in isIPv6 ? [true] : [true, false] {
      let pair = SuperPair(capabilities: takesChunks ? .local : [])
      let (packet, expected) = encapsulated(pair, isIPv6: isIPv6, hasChecksum: hasChecksum)
      let written = pair.carry(pair.a.transmit([packet]))
      let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
      #expect(difference(found, [expected]) == nil)
    }
  }

  @Test(
    "of a large packet behind IPv6 extension headers is completed for each segment",
    arguments: [true, false], [true, false])
  func extensions(isTCP: Bool, takesChunks: Bool) {
    let pair = SuperPair(capabilities: takesChunks ? .local : [])
    var random = SeededRandom(seed: 1)
    var sent = pair.packet(
      isIPv6: true, isTCP ? .tcp(sequence: 9, flags: 0x18, options: []) : .udp,
      .random(2_222, using: &random), gsoSize: 500)
    sent.change { $0.extensions = [.padding(KernelPacket.Extension.destination, units: 2)] }
    let written = pair.carry(pair.a.transmit([TUNPacket(sent.local)]))
    let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
    #expect(difference(found, sent.remote.segments) == nil)
    #expect(pair.a.counters.oversized == 0)
  }
}
