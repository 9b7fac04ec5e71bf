import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Traversal

/// docs/protocol/streams.md, "Bulk"
@Suite("The queue before a stream")
struct StreamQueueTests {
  private static func moment(_ microseconds: Int) -> Timestamp {
    Timestamp(nanoseconds: 1_000_000_000 + UInt64(microseconds) * 1_000)
  }

  @Test("what a stream takes at once is neither dropped nor put in another order")
  func light() {
    var queue = StreamQueue()
    for number in 0..<10_000 {
      let datagram = [UInt8](repeating: UInt8(number & 0xff), count: 1 + number % 1_400)
      queue.append(datagram, at: Self.moment(number * 1_000))
      #expect(queue.next(at: Self.moment(number * 1_000 + 900)) == datagram)
      #expect(queue.isEmpty && queue.byteCount == 0)
    }
    #expect(queue.dropped == 0)
  }

  @Test("a stream that takes nothing holds 256 KiB at most, and what is short longest")
  func stalled() {
    var queue = StreamQueue()
    for number in 0..<2_000 {
      queue.append([UInt8](repeating: 1, count: 1_400), at: Self.moment(number))
      if number % 10 == 0 { queue.append([2], at: Self.moment(number)) }
    }
    #expect(queue.byteCount <= StreamQueue.byteLimit)
    var short = 0
    while let datagram = queue.next(at: Self.moment(3_000)) {
      if datagram.count == 1 { short += 1 }
    }
    #expect(short == 200 && queue.isEmpty && queue.byteCount == 0)
  }

  /// A sender that halves its window when it loses something and widens it by one in a round trip,
  /// over a stream of `rate` datagrams of 1,400 bytes a second.
  @Test(
    "beside a sender that fills it, a short datagram waits some milliseconds",
    arguments: [
      100, 1_000, 10_000,
    ])
  func bulk(rate: Int) {
    var queue = StreamQueue()
    let roundTrip = 20_000
    var (window, inFlight, lastCut, seen) = (10.0, 0, 0, UInt64(0))
    var returns: [Int] = []
    var waits: [Int] = []
    var sentAt: [UInt8: Int] = [:]
    var delivered = 0
    let step = 1_000_000 / rate
    for now in stride(from: 0, to: 20_000_000, by: step) {
      while let first = returns.first, first <= now {
        returns.removeFirst()
        inFlight -= 1
        window += 1 / window
      }
      if queue.dropped > seen {
        inFlight -= Int(queue.dropped - seen)
        seen = queue.dropped
        if now - lastCut > roundTrip { (window, lastCut) = (max(2, window / 2), now) }
      }
      while Double(inFlight) < window {
        queue.append([UInt8](repeating: 1, count: 1_400), at: Self.moment(now))
        inFlight += 1
      }
      let mark = UInt8(truncatingIfNeeded: now / 100_000)
      if sentAt[mark] == nil || now - (sentAt[mark] ?? 0) > 10_000_000 {
        sentAt[mark] = now
        queue.append([2, mark], at: Self.moment(now))
      }
      guard let datagram = queue.next(at: Self.moment(now)) else { continue }
      if datagram[0] == 1 {
        returns.append(now + roundTrip)
        delivered += 1
      } else if now > 5_000_000 {
        waits.append(now - (sentAt[datagram[1]] ?? 0))
      }
    }
    waits.sort()
    let (median, worst) = (waits[waits.count / 2], waits[waits.count - 2])
    print("\(rate)/s: short ones wait \(median) µs, at worst \(worst) µs; \(delivered / 20)/s bulk")
    #expect(median < max(12_000, 4 * step) && worst < max(60_000, 12 * step))
    #expect(delivered > 20 * rate * 7 / 10)
  }
}
