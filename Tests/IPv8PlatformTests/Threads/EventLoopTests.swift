import IPv8Wire
import Testing

@testable import IPv8Platform

/// What both kinds of loops do.
private protocol WaitingLoop: ~Copyable {
  init() throws(SystemError)
  mutating func watch(_ waker: Waker, _ token: EventLoop.Token) throws
  mutating func watch(_ descriptor: borrowing FileDescriptor, _ token: EventLoop.Token) throws
  mutating func forget(_ descriptor: borrowing FileDescriptor, _ token: EventLoop.Token) throws
  mutating func wait(
    until deadline: Timestamp, into ready: inout [EventLoop.Token]
  ) throws(SystemError)
}

extension EventLoop: WaitingLoop {
  func watch(_ waker: Waker, _ token: Token) throws { try add(waker, token: token) }
  func watch(_ descriptor: borrowing FileDescriptor, _ token: Token) throws {
    try add(descriptor, token: token)
  }
  func forget(_ descriptor: borrowing FileDescriptor, _ token: Token) throws {
    try remove(descriptor)
  }
}

extension PollLoop: WaitingLoop {
  mutating func watch(_ waker: Waker, _ token: EventLoop.Token) { add(waker, token: token) }
  mutating func watch(_ descriptor: borrowing FileDescriptor, _ token: EventLoop.Token) {
    add(descriptor, token: token)
  }
  mutating func forget(_ descriptor: borrowing FileDescriptor, _ token: EventLoop.Token) {
    remove(token)
  }
}

@Suite("A loop, by epoll or by poll")
struct EventLoopTests {
  enum Kind: CaseIterable { case epoll, poll }

  private static let token = EventLoop.Token(42)
  private static let other = EventLoop.Token(7)

  @Test("a signal from another thread wakes the wait", arguments: Kind.allCases)
  func wakes(kind: Kind) throws {
    switch kind {
    case .epoll: try wakes(EventLoop.self)
    case .poll: try wakes(PollLoop.self)
    }
  }

  private func wakes<Loop: WaitingLoop & ~Copyable>(_: Loop.Type) throws {
    var loop = try Loop()
    let waker = try Waker()
    try loop.watch(waker, Self.token)
    let thread = try NamedThread(name: "signaller") { waker.signal() }
    var ready: [EventLoop.Token] = []
    try loop.wait(until: .distantFuture, into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test(
    "signals before the wait are one event, and each later one is another",
    arguments: Kind.allCases)
  func coalescing(kind: Kind) throws {
    switch kind {
    case .epoll: try coalescing(EventLoop.self)
    case .poll: try coalescing(PollLoop.self)
    }
  }

  private func coalescing<Loop: WaitingLoop & ~Copyable>(_: Loop.Type) throws {
    var loop = try Loop()
    let waker = try Waker()
    try loop.watch(waker, Self.token)
    var ready: [EventLoop.Token] = []
    for _ in 0..<3 {
      for _ in 0..<10 { waker.signal() }
      try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
      #expect(ready == [Self.token])
      try loop.wait(until: SystemClock.now(), into: &ready)
      #expect(ready.isEmpty)
    }
  }

  @Test(
    "a deadline ends the wait, not before it comes", arguments: Kind.allCases,
    [0, 300, 2_000, 20_000])
  func deadline(kind: Kind, microseconds: Int64) throws {
    switch kind {
    case .epoll: try deadline(EventLoop.self, microseconds)
    case .poll: try deadline(PollLoop.self, microseconds)
    }
  }

  private func deadline<Loop: WaitingLoop & ~Copyable>(
    _: Loop.Type, _ microseconds: Int64
  ) throws {
    var loop = try Loop()
    var ready = [Self.token]
    let deadline = SystemClock.now() + .microseconds(microseconds)
    try loop.wait(until: deadline, into: &ready)
    #expect(SystemClock.now() >= deadline)
    #expect(ready.isEmpty)
  }

  @Test(
    "a deadline that has moved away or gone does not end the wait, and one that came nearer does",
    arguments: Kind.allCases)
  func changingDeadlines(kind: Kind) throws {
    switch kind {
    case .epoll: try changingDeadlines(EventLoop.self)
    case .poll: try changingDeadlines(PollLoop.self)
    }
  }

  private func changingDeadlines<Loop: WaitingLoop & ~Copyable>(_: Loop.Type) throws {
    var loop = try Loop()
    let waker = try Waker()
    try loop.watch(waker, Self.token)
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
        var loop = try EventLoop()
        try loop.wait(until: SystemClock.now() + .milliseconds(20), into: &own)
      } catch { Issue.record(error) }
      waker.signal()
    }
    // Were the deadline of a millisecond still armed, this wait would end without a token.
    try loop.wait(until: .distantFuture, into: &ready)
    thread.join()
    #expect(ready == [Self.token])
  }

  @Test(
    "a descriptor stays ready until it was read, beside others, and is silent once removed",
    arguments: Kind.allCases)
  func levelTriggered(kind: Kind) throws {
    switch kind {
    case .epoll: try levelTriggered(EventLoop.self)
    case .poll: try levelTriggered(PollLoop.self)
    }
  }

  private func levelTriggered<Loop: WaitingLoop & ~Copyable>(_: Loop.Type) throws {
    var loop = try Loop()
    let pair = try StreamPair()
    let waker = try Waker()
    try loop.watch(pair.first, Self.token)
    try loop.watch(waker, Self.other)
    try pair.second.write([1])
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.token])
    waker.signal()
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(Set(ready) == [Self.token, Self.other])
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.token])
    try loop.forget(pair.first, Self.token)
    try loop.wait(until: SystemClock.now(), into: &ready)
    #expect(ready.isEmpty)
    waker.signal()
    try loop.wait(until: SystemClock.now() + .seconds(5), into: &ready)
    #expect(ready == [Self.other])
  }
}
