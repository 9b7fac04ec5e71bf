import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import P2TP
import Synchronization

/// Where the inbound half of a lane leaves what the outbound half must know.
///
/// Rules:
/// - What can wait is left while the box is empty: the outbound half takes it with its next batch,
///   and nobody is woken for it until ``patience`` is over. Meanwhile the receiver gathers further.
/// - What is urgent, and what a record asks for, is left at once and wakes the outbound half.
final class ReceptionBox: Sendable {
  /// Records' requests that wait; more are dropped, as if their records had been lost.
  static let eventLimit = 1024
  /// Urgent receptions that wait; beyond it the receiver gathers until the box is taken.
  static let receptionLimit = 4096
  /// How long what can wait does; far less than any of a session's times that depend on it.
  static let patience = Interval.milliseconds(500)

  struct Contents: Sendable {
    var receptions: [Reception] = []
    var events: [ReceiveEvent] = []

    var isEmpty: Bool { receptions.isEmpty && events.isEmpty }
  }

  private let contents = Mutex(Contents())
  private let waker: Waker

  init(waking waker: Waker) { self.waker = waker }

  /// Leaves what `receiver` has learnt and `events`.
  ///
  /// - Parameter isDue: wake the outbound half for what can wait, too.
  /// - Returns: whether something waits for which nobody was woken, or that was not left.
  func leave(_ receiver: inout Receiver, _ events: [ReceiveEvent], isDue: Bool = false) -> Bool {
    let isUrgent = receiver.news.isUrgent || !events.isEmpty || isDue
    let isWaiting = contents.withLock { contents in
      if contents.isEmpty || isUrgent, contents.receptions.count < Self.receptionLimit {
        receiver.collect(into: &contents.receptions)
      }
      contents.events += events.prefix(Self.eventLimit - contents.events.count)
      return !contents.isEmpty
    }
    guard isWaiting, isUrgent else { return isWaiting }
    waker.signal()
    // Where the box was full.
    return receiver.news.isThere
  }

  /// Exchanges what was left for `taken`, which is emptied first.
  func take(into taken: inout Contents) {
    taken.receptions.removeAll(keepingCapacity: true)
    taken.events.removeAll(keepingCapacity: true)
    contents.withLock { contents in
      if !contents.isEmpty { swap(&contents, &taken) }
    }
  }
}
