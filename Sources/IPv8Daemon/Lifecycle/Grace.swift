import Glibc
import IPv8Platform
import IPv8Wire

/// Waits for what a predecessor that was killed still holds: the kernel lets go of its lock,
/// interface and port one after the other, some milliseconds after it is gone.
enum Grace {
  static let time = Interval.seconds(2)
  private static let pollingMicroseconds: UInt32 = 10_000

  /// Calls `body` until it succeeds, fails with another error than `isHeld` knows, or the time is
  /// over.
  static func wait<Value: ~Copyable, Failure: Error>(
    while isHeld: (Failure) -> Bool, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let deadline = SystemClock.now() + time
    while true {
      do throws(Failure) { return try body() } catch {
        guard isHeld(error), SystemClock.now() < deadline else { throw error }
        usleep(pollingMicroseconds)
      }
    }
  }
}
