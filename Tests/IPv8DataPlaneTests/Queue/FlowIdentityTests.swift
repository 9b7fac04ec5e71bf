import IPv8Crypto
import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

@Suite("The flow of a packet")
struct FlowIdentityTests {
  @Test("is hashed as libsodium's SipHash-2-4 does")
  func hash() {
    var random = TestRandom("FlowIdentity.hash")
    for _ in 0..<200 {
      var flow = FlowIdentity(QueuedPacket(flow: 1, serial: 1).bytes.rawSpan)
      flow.source = (random.next(), random.next())
      flow.destination = (random.next(), random.next())
      flow.rest = random.next()
      let key = (random.next(), random.next())
      let words = [
        flow.source.high, flow.source.low, flow.destination.high, flow.destination.low, flow.rest,
      ]
      let secret = SecretBytes(copying: Self.littleEndian([key.0, key.1]).rawSpan)
      #expect(
        FlowHash(key: (key.0, key.1)).value(of: flow)
          == SipHash.hash64(Self.littleEndian(words), key: secret))
    }
  }

  private static func littleEndian(_ words: [UInt64]) -> [UInt8] {
    var bytes: [UInt8] = []
    for word in words { bytes.append(bigEndian: word.byteSwapped) }
    return bytes
  }

  private func flow(_ bytes: [UInt8]) -> FlowIdentity { FlowIdentity(bytes.rawSpan) }

  @Test(
    "is that of its ports, whatever its traffic class and flow label", arguments: [true, false])
  func ports(isIPv6: Bool) {
    let first = QueuedPacket(flow: 1, serial: 1, isIPv6: isIPv6).bytes
    var other = QueuedPacket(flow: 1, serial: 2, size: 99, codepoint: 46, ecn: 2, isIPv6: isIPv6)
    #expect(flow(first) == flow(other.bytes))
    other.flow = 2
    #expect(flow(first) != flow(other.bytes))
    var labelled = first
    if isIPv6 { labelled[3] = 7 }
    #expect(flow(first) == flow(labelled), "TCP changes its label after a timeout")
  }

  @Test("is one for all fragments of a packet, and without ports that of addresses and protocol")
  func fragments() {
    var first = QueuedPacket(flow: 1, serial: 1, isIPv6: false).bytes
    first[6] = 0x20
    var second = QueuedPacket(flow: 77, serial: 2, isIPv6: false).bytes
    (second[6], second[7]) = (0, 90)
    #expect(flow(first) == flow(second))
    second[9] = IPProtocol.tcp
    #expect(flow(first) != flow(second))
    var unknown = QueuedPacket(flow: 1, serial: 1).bytes
    unknown[6] = 44
    var next = QueuedPacket(flow: 2, serial: 2).bytes
    next[6] = 44
    #expect(flow(unknown) == flow(next))
    next[3] = 1
    #expect(flow(unknown) != flow(next), "the flow label tells them apart")
  }

  @Test("has the class of its DSCP")
  func classes() {
    for (codepoint, kind) in [
      (0, .normal), (46, .interactive), (44, .interactive), (40, .interactive), (34, .interactive),
      (38, .interactive), (18, .interactive), (8, .background), (1, .background), (10, .normal),
      (26, .normal),
    ] as [(UInt8, TrafficClass)] {
      for isIPv6 in [true, false] {
        let packet = QueuedPacket(flow: 1, serial: 1, codepoint: codepoint, isIPv6: isIPv6)
        #expect(TrafficClass(markOf: flow(packet.bytes)) ?? .normal == kind, "\(codepoint)")
      }
    }
    var ping = QueuedPacket(flow: 1, serial: 1).bytes
    ping[6] = IPProtocol.icmpv6
    #expect(TrafficClass(markOf: flow(ping)) == .interactive)
  }

  @Test("is read of any bytes that have an IP header without a trap")
  func short() {
    var random = TestRandom("FlowIdentity.short")
    for _ in 0..<2_000 {
      let isIPv6 = random.oneIn(2)
      var bytes = random.bytes((isIPv6 ? 40 : 20) + Int(random.next() % 30))
      bytes[0] = (isIPv6 ? 0x60 : 0x40) | bytes[0] & 15
      _ = flow(bytes)
      _ = bytes.withMutableRawSpan { CongestionMark.set(in: &$0, at: 0) }
    }
  }
}

@Suite("A mark of congestion")
struct CongestionMarkTests {
  @Test("is set in capable packets alone, with a correct IPv4 header checksum")
  func marks() {
    var random = TestRandom("CongestionMark.marks")
    for isIPv6 in [true, false] {
      for ecn in 0..<4 as Range<UInt8> {
        for _ in 0..<50 {
          let packet = QueuedPacket(
            flow: UInt16(truncatingIfNeeded: random.next()),
            serial: UInt32(truncatingIfNeeded: random.next()),
            size: 60 + Int(random.next() % 1_000), codepoint: UInt8(random.next() % 64), ecn: ecn,
            isIPv6: isIPv6)
          var expected = packet
          if ecn != 0 { expected.ecn = 3 }
          var bytes = [0] + packet.bytes
          let isMarked = bytes.withMutableRawSpan { CongestionMark.set(in: &$0, at: 1) }
          // Built anew, so with a checksum computed anew.
          #expect(isMarked == (ecn != 0) && Array(bytes.dropFirst()) == expected.bytes)
        }
      }
    }
  }
}
