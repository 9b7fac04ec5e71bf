import IPv8Wire
import Testing

@testable import IPv8Platform

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
