import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: rate control.
@Suite("Rate control")
struct RateControlTests {
  @Test("lets ten packets leave at first, and no more until the peer reports")
  func initialWindow() {
    var sender = RateSender()
    #expect(sender.send() == 10)
    #expect(sender.rate.departure(of: 1_400, at: sender.now) > sender.now + .seconds(1))
    sender.wait(50)
    sender.learn()
    #expect(sender.rate.window.window == 20)
    #expect(sender.rate.departure(of: 1_400, at: sender.now) <= sender.now)
  }

  @Test("each flow that joins at the start brings the window that it would begin with")
  func joining() {
    var sender = RateSender(.cubic(fairness: .perFlow))
    sender.rate.setActiveFlows(1)
    #expect(sender.rate.window.window == 20)
    sender.rate.setActiveFlows(4)
    #expect(sender.rate.window.window == 50)
    for count in [2, 4, 0, 4] { sender.rate.setActiveFlows(count) }
    #expect(sender.rate.window.window == 50, "who left and comes again brings nothing more")
    sender.rate.setActiveFlows(99)
    #expect(sender.rate.window.window == 90)
    sender.send()
    sender.wait(50)
    sender.learn(lost: 1, .reduce)
    let reduced = sender.rate.window.window
    sender.rate.setActiveFlows(0)
    sender.rate.setActiveFlows(8)
    #expect(sender.rate.window.window == reduced, "once something was lost, a flow brings nothing")
    var alone = RateSender(.cubic(fairness: .perPeer))
    alone.rate.setActiveFlows(8)
    #expect(alone.rate.window.window == 10)
  }

  @Test("lets one more record leave where nothing is heard for two round trips")
  func lostReports() {
    var sender = RateSender.settled()
    while sender.rate.bytesInFlight + 1_400 <= sender.rate.windowBytes {
      sender.send()
      sender.wait(1)
    }
    let due = sender.rate.departure(of: 1_400, at: sender.now)
    #expect(due - sender.now > .milliseconds(50) && due - sender.now <= .milliseconds(100))
    sender.now = due
    #expect(sender.send() == 1)
  }

  @Test(
    "paces at four windows a round trip in slow start, at 1.25 later, in bursts of a millisecond")
  func pacing() {
    for isSettled in [false, true] {
      var sender = isSettled ? RateSender.settled() : RateSender()
      while !isSettled, sender.rate.window.window < 100 {
        sender.send()
        sender.wait(50)
        sender.learn()
      }
      let window = Double(sender.rate.windowBytes)
      let expected = (isSettled ? 1.25 : 4) * window / 0.05
      #expect(abs((sender.rate.pacingRate ?? 0) / expected - 1) < 0.01)
      let burst = max(4 * 1_400, expected / 1_000)
      let first = sender.send() * 1_400
      #expect(Double(first) >= burst && Double(first) <= burst + 1_400)
      var sent = 0
      for _ in 0..<10 {
        sender.wait(1)
        sent += sender.send() * 1_400
      }
      #expect(abs(Double(sent) - expected / 100) <= 1_400)
    }
  }

  @Test("lets a batch larger than the window leave where a packet may, and charges it")
  func batch() {
    var sender = RateSender()
    #expect(sender.rate.departure(of: 64_000, at: sender.now) <= sender.now)
    for _ in 0..<46 {
      sender.rate.noteSent(sender.counter, 1_400, isData: true, at: sender.now)
      sender.counter += 1
    }
    #expect(sender.rate.bytesInFlight == 64_400)
    #expect(sender.rate.departure(of: 1, at: sender.now) > sender.now + .seconds(1))
  }

  @Test("reduces once for each signalled event, and grows no more before it is reported")
  func oneReduction() {
    var sender = RateSender.settled()
    let size = sender.rate.window.window
    sender.send()
    sender.learn(lost: 2, .reduce)
    #expect(abs(sender.rate.window.window - 0.7 * size) < 1e-9)
    let reductions = sender.rate.reductions
    sender.send()
    sender.wait(50)
    sender.learn(lost: 3)
    #expect(sender.rate.reductions == reductions)
    #expect(sender.rate.window.window >= 0.7 * size)
  }

  @Test("reduces less where records were marked and none was lost")
  func marks() {
    for (lost, kept): (UInt32, Double) in [(0, 0.85), (1, 0.7)] {
      var sender = RateSender.settled()
      let size = sender.rate.window.window
      sender.send()
      sender.learn(lost: lost, marked: 1, .reduce)
      #expect(abs(sender.rate.window.window - kept * size) < 1e-9)
      #expect(sender.rate.congestionReductions == (lost == 0 ? 1 : 0))
    }
  }

  @Test("takes a reduction back where the loss was none, once; never one for marks")
  func undo() {
    for (marked, isUndone): (UInt32, Bool) in [(0, true), (1, false)] {
      var sender = RateSender.settled()
      let before = sender.rate.window
      sender.send()
      sender.learn(lost: marked == 0 ? 1 : 0, marked: marked, .reduce)
      let reduced = sender.rate.window
      sender.wait(10)
      sender.learn(flags: Feedback.spurious)
      #expect(sender.rate.undone == (isUndone ? 1 : 0))
      #expect(sender.rate.window.window >= (isUndone ? before : reduced).window)
      #expect(sender.rate.window.threshold == (isUndone ? before : reduced).threshold)
      sender.learn(flags: Feedback.spurious)
      #expect(sender.rate.undone == (isUndone ? 1 : 0))
    }
  }

  @Test("collapses after a second without progress, and once only for what was out then")
  func timeout() throws {
    var sender = RateSender.settled()
    let size = sender.rate.window.window
    let sent = UInt32(sender.send())
    let due = try #require(sender.rate.timeoutDue)
    #expect(due == sender.now + .seconds(1))
    sender.rate.expire(at: due + .milliseconds(-1))
    #expect(sender.rate.timeouts == 0)
    for number in 1...3 as ClosedRange<UInt64> {
      sender.now = try #require(sender.rate.timeoutDue)
      sender.rate.expire(at: sender.now)
      #expect(sender.rate.timeouts == number && sender.rate.window.window == 2)
      #expect(abs(sender.rate.window.threshold - 0.7 * size) < 1e-9, "of the first one")
      #expect(sender.send() == 2)
    }
    // All but the last two were lost; the receiver signals that.
    let reductions = sender.rate.reductions
    sender.wait(50)
    sender.learn(lost: sent + 4, .reduce)
    #expect(sender.rate.reductions == reductions + 1)
    #expect(abs(sender.rate.window.threshold - 0.7 * size) < 1e-9, "answered by the timeout")
    // A later event counts.
    sender.learn(.changed)
    sender.wait(300)
    sender.learn()
    sender.send()
    sender.learn(lost: 1, .reduce)
    #expect(sender.rate.window.threshold < 0.7 * size)
  }

  @Test("takes a timeout back where what was out arrived after all")
  func lateReport() throws {
    var sender = RateSender.settled()
    let before = sender.rate.window
    sender.send()
    sender.now = try #require(sender.rate.timeoutDue)
    sender.rate.expire(at: sender.now)
    #expect(sender.rate.window.window == 2)
    sender.learn()
    #expect(sender.rate.window.window >= before.window && sender.rate.undone == 1)
  }

  @Test("does not collapse where the window was hardly used")
  func tailLoss() throws {
    var sender = RateSender.settled()
    sender.rate.noteBacklog(false)
    sender.learn()
    let before = sender.rate.window
    sender.send(limit: 1)
    sender.now = try #require(sender.rate.timeoutDue)
    sender.rate.expire(at: sender.now)
    #expect(sender.rate.window.window == 10 && sender.rate.bytesInFlight == 0)
    #expect(sender.rate.window.threshold >= 0.75 * before.window)
    #expect(sender.rate.timeoutDue == nil)
  }

  @Test("does not grow while little is sent")
  func applicationLimited() {
    var sender = RateSender()
    sender.learnFirst()
    sender.rate.noteBacklog(false)
    sender.learn()
    let before = sender.rate.window.window
    for _ in 0..<1_000 {
      sender.send(limit: 2)
      sender.wait(50)
      sender.learn()
    }
    #expect(sender.rate.window.window == before)
  }

  @Test("begins anew on another path, and goes on where only a port changed")
  func path() {
    for isRebinding in [true, false] {
      var sender = RateSender.settled()
      sender.send(limit: 3)
      let before = sender.rate.window
      sender.rate.pathChanged(isRebinding: isRebinding, at: sender.now)
      if isRebinding {
        #expect(sender.rate.window == before && sender.rate.bytesInFlight == 3 * 1_400)
      } else {
        #expect(sender.rate.window == CubicWindow() && sender.rate.bytesInFlight == 0)
        #expect(sender.rate.pacingRate == nil && sender.rate.ecn == ECNValidation.ect0)
        #expect(sender.send() == 10)
      }
    }
  }

  @Test("goes on in the next session")
  func continues() {
    var sender = RateSender.settled()
    sender.send()
    let next = RateControl(continuing: sender.rate)
    #expect(next.window == sender.rate.window && next.pacingRate == sender.rate.pacingRate)
    #expect(next.bytesInFlight == 0 && next.timeoutDue == nil && next.ecn == sender.rate.ecn)
  }

  @Test("stands for the inner flows and one more, nine at most; or for one")
  func flows() {
    for (fairness, expected): (RateControl.Fairness, [Double]) in [
      (.perFlow, [1, 2, 5, 9, 9]), (.perPeer, [1, 1, 1, 1, 1]),
    ] {
      var rate = RateControl(mode: .cubic(fairness: fairness))
      for (count, flows) in zip([0, 1, 4, 8, 1_000], expected) {
        rate.setActiveFlows(count)
        #expect(rate.window.flows == flows)
      }
    }
  }

  @Test("believes no report of what was not sent")
  func liar() {
    var sender = RateSender()
    sender.send(limit: 5)
    sender.report = Feedback(
      highest: 1_000, received: .max, lost: .max, congestionExperienced: .max, hold: 0, flags: 0xff)
    sender.rate.learn(sender.report, nil, signal: .nothing, at: sender.now)
    #expect(sender.rate.bytesInFlight == 5 * 1_400 && sender.rate.window.window == 10)
    sender.report.highest = 4
    sender.report.received = 1 << 30
    sender.rate.learn(sender.report, nil, signal: .nothing, at: sender.now)
    #expect(sender.rate.window.window <= 15)
  }
}
