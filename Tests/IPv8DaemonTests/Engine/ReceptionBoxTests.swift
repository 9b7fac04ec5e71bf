import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite("Where one half of a lane leaves news for the other")
struct ReceptionBoxTests {
  private let end: ReceiverFixture
  private let bell: Bell

  init() throws {
    bell = try Bell()
    end = ReceiverFixture(ReceptionBox(waking: bell.waker))
  }

  @Test("wakes nobody for what can wait, and holds it to be taken with the next batch")
  func silent() throws {
    end.receive()
    #expect(end.leave(), "something waits")
    #expect(try !bell.rang())
    #expect(end.take().records == [1])
    #expect(end.take().records.isEmpty)
  }

  @Test("says that nothing waits where nothing was learnt")
  func empty() throws {
    #expect(!end.leave() && !end.leave(isDue: true))
    #expect(try !bell.rang())
  }

  @Test("is not filled further with what can wait: the receiver gathers it into one")
  func gathers() throws {
    for _ in 0..<5 {
      end.receive()
      #expect(end.leave())
    }
    #expect(end.take().records == [1])
    #expect(end.leave())
    #expect(end.take().records == [4])
    #expect(try !bell.rang())
  }

  @Test("wakes the other half when what can wait is due, and tells all of it")
  func due() throws {
    for _ in 0..<3 {
      end.receive()
      #expect(end.leave())
    }
    #expect(!end.leave(isDue: true), "nothing waits that nobody was woken for")
    #expect(try bell.rang())
    #expect(end.take().records == [1, 2])
  }

  @Test("wakes the other half at once for what is urgent, with what waited before it")
  func urgent() throws {
    end.receive()
    #expect(end.leave())
    for _ in 0..<1024 { end.receive() }
    #expect(!end.leave())
    #expect(try bell.rang())
    #expect(end.take().records == [1, 1024])
  }

  @Test("wakes the other half at once for what a record asks, in order")
  func events() throws {
    for token in 0..<3 as Range<UInt64> { end.receiveChallenge(token) }
    #expect(!end.leave())
    #expect(try bell.rang())
    let events = end.take().events
    let tokens = events.compactMap { event -> UInt64? in
      if case .challenged(_, let token, _) = event { token } else { nil }
    }
    #expect(tokens == [0, 1, 2])
  }

  @Test("holds no more than 1,024 requests; further ones are as if they had been lost")
  func eventLimit() {
    for round in 0..<5 as Range<UInt64> {
      for token in 0..<300 as Range<UInt64> { end.receiveChallenge(round * 300 + token) }
      _ = end.leave()
    }
    let events = end.take().events
    #expect(events.count == ReceptionBox.eventLimit)
    guard case .challenged(_, 1023, _)? = events.last else {
      Issue.record("the first ones are kept")
      return
    }
    end.receiveChallenge(9999)
    _ = end.leave()
    #expect(end.take().events.count == 1, "taken, it has room again")
  }

  @Test("holds no more than 4,096 news; the receiver then gathers, and says that they wait")
  func receptionLimit() throws {
    for _ in 0..<ReceptionBox.receptionLimit {
      end.receive()
      #expect(!end.leave(isDue: true))
    }
    for _ in 0..<3 {
      end.receive()
      #expect(end.leave(isDue: true), "not left: it is tried again")
    }
    #expect(try bell.rang())
    let records = end.take().records
    #expect(records == [UInt32](repeating: 1, count: ReceptionBox.receptionLimit))
    #expect(!end.leave(isDue: true))
    #expect(end.take().records == [3])
  }
}

/// Tells whether a waker was signalled since it was last asked.
final class Bell {
  let waker: Waker
  private var loop: EventLoop

  init() throws {
    waker = try Waker()
    loop = try EventLoop()
    try loop.add(waker, token: EventLoop.Token(1))
  }

  func rang() throws -> Bool {
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now(), into: &ready)
    return !ready.isEmpty
  }
}
