import IPv8Platform
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite("An inbox")
struct InboxTests {
  @Test("gives what was posted in order, once, and wakes its owner")
  func order() throws {
    let inbox = try Inbox<Int>(limit: 10)
    var loop = try EventLoop()
    try loop.add(inbox.waker, token: EventLoop.Token(1))
    var ready: [EventLoop.Token] = []
    try loop.wait(until: SystemClock.now(), into: &ready)
    #expect(ready.isEmpty)
    for number in 0..<5 { #expect(inbox.post(number)) }
    try loop.wait(until: SystemClock.now(), into: &ready)
    #expect(ready.count == 1)
    #expect(inbox.drain() == [0, 1, 2, 3, 4])
    #expect(inbox.drain().isEmpty)
  }

  @Test("holds as many messages as it was told, and refuses more until it is drained")
  func limit() throws {
    let inbox = try Inbox<Int>(limit: 3)
    #expect((0..<5).map { inbox.post($0) } == [true, true, true, false, false])
    #expect(inbox.drain() == [0, 1, 2])
    #expect(inbox.post(6))
    #expect(inbox.drain() == [6])
  }

  @Test("gives what strangers can send an eighth of its room, and keeps the rest for the others")
  func dispensable() throws {
    let inbox = try Inbox<Int>(limit: 16)
    let taken = (0..<16).filter { inbox.post($0, isDispensable: true) }
    #expect(taken == [0, 1])
    let others = (0..<32).filter { inbox.post($0) }
    #expect(others == Array(0..<14))
    #expect(inbox.drain() == [0, 1] + others)
  }

  @Test("takes nothing more once it is closed, and gives what waited for the last time")
  func close() throws {
    let inbox = try Inbox<Int>(limit: 3)
    inbox.post(1)
    #expect(inbox.close() == [1])
    #expect(!inbox.post(2))
    #expect(inbox.drain().isEmpty && inbox.close().isEmpty)
  }

  @Test("a question to an engine that has ended is answered with nothing")
  func ask() async throws {
    let inbox = try EngineInbox(limit: 3)
    _ = inbox.close()
    let answer = await inbox.ask { .status($0) }
    #expect(answer == nil)
  }

  @Test("loses nothing and doubles nothing of what many threads post")
  func threads() throws {
    let inbox = try Inbox<[Int]>(limit: 100_000)
    var group = ThreadGroup()
    for thread in 0..<4 {
      try group.start(name: "post-\(thread)", state: thread) { thread in
        for number in 0..<2_000 { inbox.post([thread, number]) }
      }
    }
    group.join()
    let messages = inbox.drain()
    for thread in 0..<4 {
      #expect(messages.filter { $0[0] == thread }.map { $0[1] } == Array(0..<2_000))
    }
  }
}
