import IPv8Simulator
import IPv8Wire
import PacketOracle
import Testing

@testable import IPv8DataPlane

@Suite("The segment size that SYNs offer")
struct SegmentSizeTests {
  /// Bytes in front of the option, which may lie across words.
  static let fronts = [[], [1], [1, 1], [1, 1, 1], [3, 3, 7], [3, 3, 7, 1]] as [[UInt8]]

  @Test("is lowered to the path, checksum and all", arguments: [true, false], [1280, 1420])
  func clamped(isIPv6: Bool, mtu: Int) {
    for front in Self.fronts {
      for flags in [0x02, 0x12, 0xc2] as [UInt8] {
        for offered in [1, 536, 1199, 1200, 1219, 1220, 1240, 1241, 1460, 8960, 65_535] as [UInt16]
        {
          for isPartial in [true, false] {
            var options = front + [2, 4] + .big(offered)
            while options.count % 4 != 0 { options.append(1) }
            check(isIPv6, mtu, options, front.count + 2, flags, offered, isPartial)
          }
        }
      }
    }
  }

  private func check(
    _ isIPv6: Bool, _ mtu: Int, _ options: [UInt8], _ at: Int, _ flags: UInt8,
    _ offered: UInt16, _ isPartial: Bool
  ) {
    // The first way is asked with this very packet; what it does not answer yet is no reason to offer less.
    let pair = SuperPair(a: SuperEnd(1, mtu: mtu), b: SuperEnd(2, mtu: mtu))
    let sent = pair.packet(isIPv6: isIPv6, .tcp(sequence: 5, flags: flags, options: options), [])
    let packet = isPartial ? TUNPacket(sent.local) : TUNPacket(sent.local.segments[0])
    let arrived = pair.carry(pair.a.transmit([packet]))
    #expect(arrived.count == 1)
    guard var bytes = arrived.first?.bytes, let offload = arrived.first?.offload else { return }
    if offload.flags & OffloadHeader.needsChecksum != 0 {
      bytes.withMutableRawSpan {
        _ = $0.completeChecksum(
          start: Int(offload.checksumStart), offset: Int(offload.checksumOffset))
      }
    }
    var expected = sent.remote
    let limit = UInt16(mtu - (isIPv6 ? 60 : 40))
    if flags & 0x02 != 0 {
      var changed = options
      changed.put(min(offered, limit), at: at)
      expected.transport = .tcp(sequence: 5, flags: flags, options: changed)
    }
    #expect(difference([bytes], expected.segments) == nil, "\(options) \(isPartial)")
  }

  @Test("other segments and broken options are left alone")
  func untouched() {
    for (flags, options) in [
      (0x10, [2, 4, 0xff, 0xff]), (0x02, [2, 3, 0xff, 0xff]), (0x02, [0, 2, 4, 0xff]),
      (0x02, [9, 0, 2, 4]), (0x02, [9, 1, 2, 4]), (0x02, [1, 1, 1, 2]), (0x02, [9, 40, 2, 4]),
      (0x02, []),
    ] as [(UInt8, [UInt8])] {
      let pair = SuperPair(a: SuperEnd(1, mtu: 1280), b: SuperEnd(2, mtu: 1280))
      let sent = pair.packet(
        isIPv6: true, .tcp(sequence: 5, flags: flags, options: options), [])
      let arrived = pair.carry(pair.a.transmit([TUNPacket(sent.local.segments[0])]))
      #expect(difference(arrived.map(\.bytes), sent.remote.segments) == nil)
    }
  }
}
