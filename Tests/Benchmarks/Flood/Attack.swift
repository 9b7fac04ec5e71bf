import Glibc
import IPv8Platform
import IPv8Wire

/// How fast a peer floods, and how long.
struct Attack {
  private static let pause = Interval.milliseconds(1)
  private static let patience = Interval.seconds(20)

  /// Frames a second.
  let rate: Int
  let duration: Interval

  func run(_ peer: HostilePeer) {
    var now = Self.moment
    let giveUp = now.boot + Self.patience
    while !peer.opens(at: now) {
      guard now.boot < giveUp else { leave("nobody answers") }
      Self.rest()
      now = Self.moment
    }
    print("open")
    fflush(nil)
    let start = now.boot
    var due = 0
    while now.boot - start < duration {
      let elapsed = (now.boot - start).microseconds
      let count = Int(elapsed) * rate / 1_000_000 - due
      due += count
      peer.turn(count, at: now)
      Self.rest()
      now = Self.moment
    }
    let (sent, given) = (peer.sent, peer.given)
    let seconds = Double((now.boot - start).microseconds) / 1e6
    print("{\"datagrams\": \(sent), \"given\": \(given), \"seconds\": \(seconds)}")
  }

  private static var moment: Moment {
    Moment(boot: SystemClock.now(), wall: SystemClock.wallTime())
  }

  private static func rest() { usleep(UInt32(pause.microseconds)) }
}
