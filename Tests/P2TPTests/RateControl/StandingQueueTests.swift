import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: rate control, "Standing queue".
@Suite("A standing queue")
struct StandingQueueTests {
  /// A path of 100 ms whose window of 200 packets makes it 180 ms.
  private struct Path {
    var queue = StandingQueue()
    var now = Moment.after(0).boot
    var window = CubicWindow()

    init() {
      window.settle(at: 200)
      _ = learn(100)
    }

    mutating func learn(_ milliseconds: Int64) -> StandingQueue.Advice {
      now = now + .milliseconds(200)
      return queue.advise(
        .milliseconds(milliseconds), smoothed: .milliseconds(180), window: window, isLimited: true,
        at: now)
    }

    /// Until the window is cut to test it.
    mutating func test() -> Bool {
      for _ in 0..<4 { if case .drain = learn(180) { return true } }
      return false
    }
  }

  @Test("excuses what waits for the test's sake, until it proves to be our own")
  func excuse() {
    var path = Path()
    #expect(path.queue.excusedUntil < path.now)
    let isTested = path.test()
    #expect(isTested)
    #expect(path.queue.excusedUntil == path.now + .milliseconds(80 + 4 * 180))
    guard case .settle = path.learn(100) else {
      Issue.record("the queue went")
      return
    }
    #expect(path.queue.excusedUntil <= path.now, "who fills it now is to hear of it")
  }

  @Test("excuses the backlog of a test that others' packets made fail")
  func failure() {
    var path = Path()
    let isTested = path.test()
    #expect(isTested)
    let end = path.queue.excusedUntil
    var last = StandingQueue.Advice.none
    for _ in 0..<3 where last == .none { last = path.learn(175) }
    #expect(last == .restore(path.window))
    #expect(path.queue.excusedUntil == end && end > path.now)
  }
}
