import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("An event loop")
struct EventLoopTests {
  private static let token = EventLoop.Token(42)

  @Test("a signal from another thread wakes the wait")
  func wakes() throws {
    var loop = try EventLoop()
    let waker = try Waker()
    try loop.add(waker, token: Self.token)
    let thread = try NamedThread(name: "signaller") { waker.signal() }
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test("signals before the wait are one event, and each later one is another")
  func coalescing() throws {
    var loop = try EventLoop()
    let waker = try Waker()
    try loop.add(waker, token: Self.token)
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
    var loop = try EventLoop()
    var ready = [Self.token]
    let deadline = SystemClock.now() + .microseconds(microseconds)
    try loop.wait(until: deadline, into: &ready)
    #expect(SystemClock.now() >= deadline)
    #expect(ready.isEmpty)
  }

  @Test("an earlier deadline replaces a later one, and none at all the one before")
  func changingDeadlines() throws {
    var loop = try EventLoop()
    let waker = try Waker()
    try loop.add(waker, token: Self.token)
    var ready: [EventLoop.Token] = []
    waker.signal()
    try loop.wait(until: SystemClock.now() + .seconds(3_600), into: &ready)
    #expect(ready == [Self.token])
    let soon = SystemClock.now() + .milliseconds(2)
    try loop.wait(until: soon, into: &ready)
    #expect(ready.isEmpty && SystemClock.now() < soon + .seconds(5))
    waker.signal()
    try loop.wait(until: SystemClock.now() + .milliseconds(1), into: &ready)
    let thread = try NamedThread(name: "late") {
      var own: [EventLoop.Token] = []
      do {
        var loop = try EventLoop()
        try loop.wait(until: SystemClock.now() + .milliseconds(20), into: &own)
      } catch { Issue.record(error) }
      waker.signal()
    }
    // Were the deadline of a millisecond still armed, this wait would end without a token.
    try loop.wait(until: nil, into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test("a deadline that has moved away does not end the wait, whatever was set before")
  func laterDeadlines() throws {
    var loop = try EventLoop()
    let waker = try Waker()
    try loop.add(waker, token: Self.token)
    var ready: [EventLoop.Token] = []
    waker.signal()
    try loop.wait(until: SystemClock.now() + .milliseconds(5), into: &ready)
    #expect(ready == [Self.token])
    for milliseconds in [20, 40, 80] as [Int64] {
      let deadline = SystemClock.now() + .milliseconds(milliseconds)
      try loop.wait(until: deadline, into: &ready)
      #expect(ready.isEmpty && SystemClock.now() >= deadline)
    }
  }

  @Test("a descriptor stays ready until it was read, and is silent once removed")
  func levelTriggered() throws {
    var loop = try EventLoop()
    let pair = try StreamPair()
    try loop.add(pair.first, token: Self.token)
    try pair.second.write([1])
    var ready: [EventLoop.Token] = []
    for _ in 0..<2 {
      try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
      #expect(ready == [Self.token])
    }
    try loop.remove(pair.first)
    try loop.wait(until: SystemClock.now(), into: &ready)
    #expect(ready.isEmpty)
  }
}

@Suite("Threads, clocks and entropy")
struct ThreadTests {
  struct Cargo: ~Copyable, Sendable {
    let waker: Waker
    let name: String
  }

  @Test("a thread owns the state it was given and bears its name, cut to what Linux keeps")
  func ownership() throws {
    let waker = try Waker()
    var loop = try EventLoop()
    try loop.add(waker, token: EventLoop.Token(0))
    let thread = try NamedThread(
      name: "a-rather-long-name", state: Cargo(waker: waker, name: "a-rather-long-n\n")
    ) { cargo in
      do {
        let name = try File.read("/proc/thread-self/comm", limit: 64).bytes
        if name == [UInt8](cargo.name.utf8) { cargo.waker.signal() }
      } catch { Issue.record(error) }
    }
    thread.join()
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now(), into: &ready)
    #expect(ready.count == 1)
  }

  @Test("boot time goes forwards and wall time is after this was written")
  func clocks() {
    let earlier = SystemClock.now()
    #expect(earlier <= SystemClock.now() && earlier > Timestamp(nanoseconds: 0))
    #expect(SystemClock.wallTime() > WallTime(milliseconds: 1_750_000_000_000))
  }

  @Test("entropy has the length asked for and does not repeat", arguments: [0, 1, 32, 1_000])
  func entropy(count: Int) throws {
    let bytes = try SystemEntropy.bytes(count)
    #expect(bytes.count == count)
    if count >= 32 { #expect(try SystemEntropy.bytes(count) != bytes) }
  }
}
