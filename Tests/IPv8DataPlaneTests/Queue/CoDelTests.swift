import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

/// The pseudo-code of RFC 8289 §5 as it stands there, with ECN as RFC 3168 has it instead of a drop. Time in
/// nanoseconds.
private struct PseudoCode {
  struct Packet {
    let serial: UInt32
    let size: Int
    let time: Double
    let isCapable: Bool
  }

  static let target = 5e6
  static let interval = 100e6
  static let maximumPacket = 1514

  var packets: [Packet] = []
  var (dropped, marked): ([UInt32], [UInt32]) = ([], [])
  private var firstAboveTime = 0.0
  private var dropNext = 0.0
  private var count = 0
  private var lastCount = 0
  private var dropping = false

  private func controlLaw(_ time: Double, _ count: Int) -> Double {
    time + (Self.interval / Double(count).squareRoot()).rounded(.down)
  }

  private mutating func doDequeue(_ now: Double) -> (packet: Packet?, okToDrop: Bool) {
    guard !packets.isEmpty else {
      firstAboveTime = 0
      return (nil, false)
    }
    let packet = packets.removeFirst()
    let bytes = packets.reduce(0) { $0 + $1.size }
    if now - packet.time < Self.target || bytes <= Self.maximumPacket {
      firstAboveTime = 0
    } else if firstAboveTime == 0 {
      firstAboveTime = now + Self.interval
    } else if now >= firstAboveTime {
      return (packet, true)
    }
    return (packet, false)
  }

  /// Whether the packet stays.
  private mutating func mark(_ packet: Packet?) -> Bool {
    guard let packet else { return false }
    if packet.isCapable { marked.append(packet.serial) } else { dropped.append(packet.serial) }
    return packet.isCapable
  }

  mutating func dequeue(_ now: Double) -> UInt32? {
    var (packet, okToDrop) = doDequeue(now)
    if dropping {
      if !okToDrop { dropping = false }
      while now >= dropNext, dropping {
        count += 1
        if mark(packet) {
          dropNext = controlLaw(dropNext, count)
          return packet?.serial
        }
        (packet, okToDrop) = doDequeue(now)
        if !okToDrop { dropping = false } else { dropNext = controlLaw(dropNext, count) }
      }
    } else if okToDrop {
      if !mark(packet) { (packet, _) = doDequeue(now) }
      dropping = true
      let delta = count - lastCount
      count = 1
      if delta > 1, now - dropNext < 16 * Self.interval { count = delta }
      dropNext = controlLaw(now, count)
      lastCount = count
    }
    return packet?.serial
  }
}

@Suite("CoDel")
struct CoDelTests {
  @Test("drops and marks what the pseudo-code of RFC 8289 does, for any arrivals", arguments: 0..<6)
  func pseudoCode(_ number: Int) {
    var random = TestRandom("CoDel.pseudoCode")
    let end = QueueEnd()
    var oracle = PseudoCode()
    var time = QueueEnd.start.nanoseconds
    var serial: UInt32 = 0
    var marked: [UInt32] = []
    // Bursts that outrun the service, and pauses in which the queue empties.
    let rushes: [UInt64] = [4, 7, 2, 7, 1, 6, 5, 8]
    for step in 0..<10_000 {
      let rush = rushes[step / 1_250]
      time += random.next() % 1_000_000
      let now = Timestamp(nanoseconds: time)
      if random.next() % 8 < rush, oracle.packets.count < 100 {
        let size = 1_000 + Int(random.next() % 400)
        let isCapable = number % 3 == 1 || number % 3 == 2 && random.oneIn(2)
        let packet = QueuedPacket(flow: 1, serial: serial, size: size, ecn: isCapable ? 2 : 0)
        #expect(end.put(packet.bytes, at: now) == 0)
        oracle.packets.append(
          .init(serial: serial, size: size, time: Double(time), isCapable: isCapable))
        serial += 1
      }
      guard random.oneIn(2) else { continue }
      let taken = end.take(at: now)?.queued
      #expect(taken?.serial == oracle.dequeue(Double(time)))
      if let taken, taken.ecn == 3 { marked.append(taken.serial) }
      #expect(Int(end.counters.delay) == oracle.dropped.count)
      #expect(marked == oracle.marked && Int(end.counters.marked) == marked.count)
    }
    #expect(oracle.dropped.count + oracle.marked.count > 20, "the queue has stood")
    #expect(number % 3 != 1 || oracle.dropped.isEmpty)
  }

  @Test("drops nothing while the queue is excused, and begins anew after that")
  func excused() {
    let end = QueueEnd()
    var now = QueueEnd.start
    func drops(for steps: Int) -> UInt64 {
      let before = end.counters.delay
      for step in 0..<steps {
        let packet = QueuedPacket(flow: 1, serial: UInt32(step), size: 1_280, ecn: 0)
        _ = end.put(packet.bytes, at: now)
        now = now + .milliseconds(10)
        _ = end.take(at: now)
      }
      return end.counters.delay - before
    }
    for serial in 0..<20 as Range<UInt32> {
      _ = end.put(QueuedPacket(flow: 1, serial: serial, size: 1_280, ecn: 0).bytes, at: now)
    }
    end.excuse(until: now + .milliseconds(500))
    #expect(drops(for: 49) == 0)
    #expect(drops(for: 10) == 0, "an interval passes first")
    #expect(drops(for: 20) > 0)
  }

  @Test(
    "brings the delay of a flow that answers its signals down to the target", arguments: [0, 2])
  func controls(ecn: UInt8) {
    let end = QueueEnd()
    var now = QueueEnd.start
    var (window, flying) = (200.0, 0)
    var serial: UInt32 = 0
    var last = -1
    var delays: [Int64] = []
    var sentAt: [UInt32: Timestamp] = [:]
    // 20 Mbit/s, a packet each half millisecond; a loss or a mark halves the window.
    for step in 0..<60_000 {
      now = now + .microseconds(512)
      while flying < Int(window) {
        end.put(QueuedPacket(flow: 1, serial: serial, ecn: ecn).bytes, at: now)
        sentAt[serial] = now
        serial += 1
        flying += 1
      }
      guard let packet = end.take(at: now)?.queued else { continue }
      let lost = Int(packet.serial) - last - 1
      last = Int(packet.serial)
      flying -= 1 + lost
      if lost > 0 || packet.ecn == 3 { window = max(2, window / 2) } else { window += 1 / window }
      if step > 20_000, let at = sentAt[packet.serial] { delays.append((now - at).microseconds) }
    }
    delays.sort()
    #expect(delays[delays.count / 2] < 10_000, "microseconds")
    #expect((ecn == 0) == (end.counters.delay > 0) && (ecn == 2) == (end.counters.marked > 0))
  }
}
