import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

@Suite("A fair queue")
struct FairQueueTests {
  @Test("gives flows equal bytes, whatever the sizes of their packets")
  func fairFlows() {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    let sizes: [UInt16: Int] = [1: 1280, 2: 1280, 3: 600, 4: 300, 5: 1400]
    for _ in 0..<8_000 {
      for (flow, size) in sizes { link.saturate(flow, size: size) }
      link.send()
    }
    for flow in sizes.keys { #expect((0.19...0.21).contains(link.share(flow)), "\(flow)") }
  }

  @Test("gives classes the shares of their weights, and all of it to the one that is there")
  func classes() {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    for _ in 0..<8_000 {
      link.saturate(1, codepoint: 46)
      for flow in 2...4 as ClosedRange<UInt16> { link.saturate(flow) }
      link.saturate(5, codepoint: 1)
      link.send()
    }
    #expect(abs(link.share(1) - 8.0 / 13) < 0.01)
    for flow in 2...4 as ClosedRange<UInt16> {
      #expect(abs(link.share(flow) - 4.0 / 39) < 0.01)
    }
    #expect(abs(link.share(5) - 1.0 / 13) < 0.01)
    let alone = SlowLink(bitsPerSecond: 20_000_000)
    for _ in 0..<500 {
      alone.saturate(5, codepoint: 8)
      alone.send()
    }
    #expect(alone.share(5) == 1 && alone.sentBytes[5] == 500 * 1280)
  }

  @Test("lets a packet now and then pass eight bulk flows", arguments: [0, 46] as [UInt8])
  func sparse(codepoint: UInt8) {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    var due = QueueEnd.start
    while link.now - QueueEnd.start < .seconds(10) {
      for flow in 1...8 as ClosedRange<UInt16> { link.saturate(flow) }
      if due <= link.now {
        link.put(99, size: 100, codepoint: codepoint)
        due = due + .milliseconds(100)
      }
      link.send()
    }
    let delays = link.delays[99] ?? []
    // Nothing is taken while a packet of 512 µs is on its way.
    #expect(delays.count >= 99 && (delays.max() ?? .max) < 2 * 512 + 5_000)
    #expect((delays.max() ?? .max) <= 512, "before all that waits")
  }

  @Test("stops favouring small packets that do not cease")
  func demotes() {
    let link = SlowLink(bitsPerSecond: 20_000_000)
    for _ in 0..<40_000 {
      link.saturate(1, size: 200)
      link.saturate(2)
      link.send()
    }
    #expect((0.45...0.55).contains(link.share(1)))
  }

  @Test("never reorders a flow, for any sizes, marks and times", arguments: 0..<4)
  func ordered(_ number: Int) {
    var random = TestRandom("FairQueue.ordered")
    let end = QueueEnd(capacity: 256 << 10)
    var now = QueueEnd.start
    var next: [UInt16: UInt32] = [:]
    var last: [UInt16: UInt32] = [:]
    var taken = 0
    for _ in 0..<40_000 {
      now = now + .microseconds(Int64(random.next() % 2_000))
      for _ in 0..<random.next() % 3 {
        let flow = UInt16(random.next() % 30)
        let codepoints: [UInt8] = [0, 0, 46, 8]
        let packet = QueuedPacket(
          flow: flow, serial: next[flow, default: 0], size: 60 + Int(random.next() % 1_400),
          codepoint: codepoints[Int(random.next() % 4)], ecn: UInt8(random.next() % 4),
          isIPv6: flow % 2 == 0)
        next[flow, default: 0] += 1
        end.put(packet.bytes, at: now)
      }
      guard let packet = end.take(at: now) else { continue }
      taken += 1
      let queued = packet.queued
      // With its checksum, marked or not.
      #expect(packet == queued.bytes)
      if let before = last[queued.flow] { #expect(before < queued.serial) }
      last[queued.flow] = queued.serial
    }
    #expect(taken > 10_000)
  }

  @Test("of a million flows takes no more memory than there is, and serves the others")
  func flood() {
    let end = QueueEnd()
    var random = TestRandom("FairQueue.flood")
    let other = PeerIndex(1)
    #if DEBUG
      let flows: UInt64 = 50_000
    #else
      let flows: UInt64 = 1_000_000
    #endif
    var dropped = 0
    var packet = QueuedPacket(flow: 0, serial: 0, size: 600).bytes
    for number in 0..<flows {
      packet.withMutableRawSpan { $0.storeBigEndian(random.next(), at: 8) }
      let now = QueueEnd.start + .microseconds(Int64(number))
      dropped += end.put(packet, at: now)
      if number == flows / 2 {
        dropped += end.put(QueuedPacket(flow: 7, serial: 7).bytes, of: other, at: now)
      }
    }
    let backlog = end.queues.backlog(of: QueueEnd.peer)
    let limit = end.queues.limit(of: QueueEnd.peer)
    #expect(backlog.bytes <= limit && backlog.bytes > limit - 1_000)
    #expect(end.memoryByteCount == PacketMemory.ceiling)
    #expect(dropped == Int(flows) - backlog.packets)
    let now = QueueEnd.start + .seconds(1)
    #expect(end.take(of: other, at: now)?.queued.serial == 7)
  }

  @Test("takes from the peer with the most where all of the memory is in use")
  func sharedMemory() {
    let end = QueueEnd(capacity: 64 << 10)
    let (greedy, modest) = (PeerIndex(0), PeerIndex(1))
    for serial in 0..<1_000 as Range<UInt32> {
      end.put(
        QueuedPacket(flow: 1, serial: serial, size: 256).bytes, of: greedy, at: QueueEnd.start)
    }
    #expect(end.queues.backlog(of: greedy).packets == 256)
    for serial in 0..<50 as Range<UInt32> {
      #expect(
        end.put(
          QueuedPacket(flow: 1, serial: serial, size: 256).bytes, of: modest, at: QueueEnd.start)
          == 1)
    }
    #expect(end.queues.backlog(of: greedy).packets == 206)
    #expect(end.queues.backlog(of: modest).packets == 50)
    // The oldest of the greedy one went.
    #expect(end.take(of: greedy, at: QueueEnd.start)?.queued.serial == 794)
    #expect(end.put([UInt8](repeating: 0x45, count: 80_000), of: modest, at: QueueEnd.start) > 0)
  }

  @Test("drops from the flow with the most bytes, its oldest packet")
  func fattest() {
    let end = QueueEnd()
    end.put(QueuedPacket(flow: 1, serial: 0, size: 100).bytes, at: QueueEnd.start)
    var dropped = 0
    for serial in 0..<2_000 as Range<UInt32> {
      dropped += end.put(QueuedPacket(flow: 2, serial: serial).bytes, at: QueueEnd.start)
    }
    #expect(dropped > 0)
    #expect(end.take(at: QueueEnd.start)?.queued.flow == 1)
    #expect(end.take(at: QueueEnd.start)?.queued.serial == UInt32(dropped))
  }

  @Test("lets wait what takes 200 ms to send, within its bounds")
  func limits() {
    for (bits, limit) in [
      (100_000, 64 << 10), (8_000_000, 200_000), (1_000_000_000, 4 << 20),
    ] {
      let link = SlowLink(bitsPerSecond: bits)
      for _ in 0..<(bits / 100_000 + 400) {
        link.saturate(1)
        link.send()
      }
      let reached = link.end.queues.limit(of: QueueEnd.peer)
      #expect(abs(reached - limit) <= limit / 20, "\(bits) bit/s")
    }
  }

  @Test("gives memory back ten seconds after it was last used, and drops what is a minute old")
  func idle() {
    let end = QueueEnd()
    #expect(end.memoryByteCount == 0)
    end.put(QueuedPacket(flow: 1, serial: 0).bytes, at: QueueEnd.start)
    #expect(end.memoryByteCount > 0)
    end.queues.finishTurns(next: 0)
    end.queues.sweep(at: QueueEnd.start + .seconds(30))
    let late = QueueEnd.start + .seconds(61)
    #expect(end.take(at: late) == nil && end.counters.queue == 1)
    end.queues.finishTurns(next: 0)
    end.queues.sweep(at: late + .seconds(5))
    #expect(end.memoryByteCount > 0 || end.queues.sweepAt == .distantFuture)
    end.queues.sweep(at: late + .seconds(11))
    end.queues.sweep(at: late + .seconds(25))
    #expect(end.memoryByteCount == 0 && end.queues.sweepAt == .distantFuture)
    end.put(QueuedPacket(flow: 1, serial: 1).bytes, at: late + .seconds(30))
    #expect(end.take(at: late + .seconds(30))?.queued.serial == 1)
  }
}
