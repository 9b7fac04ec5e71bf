import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("A loop by poll")
struct PollLoopTests {
  private static let token = EventLoop.Token(42)

  @Test("a signal from another thread wakes the wait")
  func wakes() throws {
    var loop = try PollLoop()
    let waker = try Waker()
    loop.add(waker, token: Self.token)
    let thread = try NamedThread(name: "signaller") { waker.signal() }
    var ready: [EventLoop.Token] = []
    try loop.wait(until: .distantFuture, into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test("signals before the wait are one event, and each later one is another")
  func coalescing() throws {
    var loop = try PollLoop()
    let waker = try Waker()
    loop.add(waker, token: Self.token)
    var ready: [EventLoop.Token] = []
    for _ in 0..<3 {
      for _ in 0..<10 { waker.signal() }
      try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
      #expect(ready == [Self.token])
      try loop.wait(until: SystemClock.now(), into: &ready)
      #expect(ready.isEmpty)
    }
  }

  @Test("a deadline ends the wait, not before it comes", arguments: [0, 300, 2_000, 20_000])
  func deadline(microseconds: Int64) throws {
    var loop = try PollLoop()
    var ready = [Self.token]
    let deadline = SystemClock.now() + .microseconds(microseconds)
    try loop.wait(until: deadline, into: &ready)
    #expect(SystemClock.now() >= deadline)
    #expect(ready.isEmpty)
  }

  @Test(
    "a deadline that has moved away or gone does not end the wait, and one that came nearer does")
  func changingDeadlines() throws {
    var loop = try PollLoop()
    let waker = try Waker()
    loop.add(waker, token: Self.token)
    var ready: [EventLoop.Token] = []
    waker.signal()
    try loop.wait(until: SystemClock.now() + .seconds(3_600), into: &ready)
    #expect(ready == [Self.token])
    for milliseconds in [5, 20, 40] as [Int64] {
      waker.signal()
      try loop.wait(until: SystemClock.now() + .milliseconds(1), into: &ready)
      #expect(ready == [Self.token])
      let deadline = SystemClock.now() + .milliseconds(milliseconds)
      try loop.wait(until: deadline, into: &ready)
      #expect(ready.isEmpty && SystemClock.now() >= deadline)
    }
    waker.signal()
    try loop.wait(until: SystemClock.now() + .milliseconds(1), into: &ready)
    let thread = try NamedThread(name: "late") {
      var own: [EventLoop.Token] = []
      do {
        var loop = try PollLoop()
        try loop.wait(until: SystemClock.now() + .milliseconds(20), into: &own)
      } catch { Issue.record(error) }
      waker.signal()
    }
    // Were the deadline of a millisecond still armed, this wait would end without a token.
    try loop.wait(until: .distantFuture, into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test("a descriptor stays ready until it was read, beside others that are ready")
  func levelTriggered() throws {
    var loop = try PollLoop()
    let pair = try StreamPair()
    let waker = try Waker()
    loop.add(pair.first, token: Self.token)
    loop.add(waker, token: EventLoop.Token(7))
    try pair.second.write([1])
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.token])
    waker.signal()
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.token, EventLoop.Token(7)])
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.token])
  }
}
