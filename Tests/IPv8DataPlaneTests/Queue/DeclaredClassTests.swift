import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

/// docs/protocol/queue.md, "Declared classes".
@Suite("A declared class")
struct DeclaredClassTests {
  /// Of flow 1, with this DSCP, beside flow 2 after so many packets.
  private func share(
    _ codepoint: UInt8, of link: SlowLink, packets: Int = 4_000
  ) -> Double {
    for _ in 0..<packets {
      link.saturate(1, codepoint: codepoint)
      link.saturate(2)
      link.send()
    }
    return link.share(1)
  }

  @Test("is that of a flow whatever its DSCP says", arguments: [0, 8, 46] as [UInt8])
  func flow(codepoint: UInt8) {
    for (kind, expected) in [
      (.background, 1.0 / 5), (.normal, 1.0 / 2), (.interactive, 8.0 / 12),
    ] as [(TrafficClass, Double)] {
      let link = SlowLink(bitsPerSecond: 20_000_000)
      link.end.declare(kind, flow: 1)
      #expect(abs(share(codepoint, of: link) - expected) < 0.01, "\(kind)")
    }
  }

  @Test("of a flow is not that of one with another port, family or peer")
  func others() {
    let end = QueueEnd()
    let other = PeerIndex(1)
    end.declare(.background, flow: 1)
    end.declare(.background, flow: 2, isIPv6: false)
    end.declare(.background, flow: 2, of: other)
    // Background packets would leave last.
    for flow in [1, 2] as [UInt16] {
      end.put(QueuedPacket(flow: flow, serial: 0).bytes, at: QueueEnd.start)
    }
    #expect(end.take(at: QueueEnd.start)?.queued.flow == 2)
    #expect(end.take(at: QueueEnd.start)?.queued.flow == 1)
    for flow in [2, 3] as [UInt16] {
      end.put(QueuedPacket(flow: flow, serial: 0, isIPv6: false).bytes, at: QueueEnd.start)
    }
    #expect(end.take(at: QueueEnd.start)?.queued.flow == 3)
  }

  @Test("of a peer is that of what says nothing else of itself")
  func peer() {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    link.end.declare(.background)
    link.end.declare(.normal, flow: 3)
    for _ in 0..<8_000 {
      link.saturate(1, codepoint: 46)
      link.saturate(2)
      link.saturate(3)
      link.send()
    }
    #expect(abs(link.share(1) - 8.0 / 13) < 0.01)
    #expect(abs(link.share(2) - 1.0 / 13) < 0.01)
    #expect(abs(link.share(3) - 4.0 / 13) < 0.01)
  }

  @Test("counts from the next turn on for packets that wait, and no more when it is taken back")
  func changes() {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    // Neither flow is ever without a packet that waits.
    #expect(abs(share(0, of: link) - 1.0 / 2) < 0.01)
    for (kind, expected) in [
      (.background, 1.0 / 5), (.interactive, 8.0 / 12), (nil, 1.0 / 2),
    ] as [(TrafficClass?, Double)] {
      link.end.declare(kind, flow: 1)
      let before = (link.sentBytes[1] ?? 0, link.sentBytes[2] ?? 0)
      _ = share(0, of: link)
      let (one, two) = ((link.sentBytes[1] ?? 0) - before.0, (link.sentBytes[2] ?? 0) - before.1)
      #expect(abs(Double(one) / Double(one + two) - expected) < 0.01, "\(String(describing: kind))")
    }
  }

  @Test("changes at any time without reordering a flow or losing a packet", arguments: 0..<4)
  func ordered(_ number: Int) {
    var random = TestRandom("DeclaredClass.ordered")
    let end = QueueEnd()
    var next = [UInt32](repeating: 0, count: 6)
    var last = [UInt32](repeating: 0, count: 6)
    var (put, taken) = (0, 0)
    // Faster than CoDel would drop.
    var now = QueueEnd.start
    func take() -> Bool {
      guard let bytes = end.take(at: now) else { return false }
      let packet = bytes.queued
      taken += 1
      #expect(bytes == packet.bytes, "with the DSCP that it had")
      #expect(packet.serial == last[Int(packet.flow)])
      last[Int(packet.flow)] = packet.serial + 1
      return true
    }
    for _ in 0..<20_000 {
      now = now + Interval(nanoseconds: 100)
      let flow = Int(random.next() % 6)
      switch random.next() % 5 {
      case 0, 1:
        let packet = QueuedPacket(
          flow: UInt16(flow), serial: next[flow], size: 60 + Int(random.next() % 1_400),
          codepoint: [0, 46, 8][Int(random.next() % 3)], isIPv6: flow % 2 == 0)
        if end.put(packet.bytes, at: now) == 0 { (next[flow], put) = (next[flow] + 1, put + 1) }
      case 2, 3: _ = take()
      default:
        let kind = TrafficClass(rawValue: Int(random.next() % 4))
        end.declare(kind, flow: flow == 5 ? nil : UInt16(flow), isIPv6: flow % 2 == 0)
      }
    }
    while take() {}
    #expect(put == taken && put > 5_000 && end.counters == LaneCounters())
  }
}
