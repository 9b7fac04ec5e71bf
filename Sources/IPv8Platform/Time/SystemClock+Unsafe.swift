import Glibc
import IPv8Wire

/// The machine's clocks.
public enum SystemClock {
  /// Time since the machine started, sleep included (CLOCK_BOOTTIME).
  public static func now() -> Timestamp {
    Timestamp(nanoseconds: nanoseconds(CLOCK_BOOTTIME))
  }

  /// CLOCK_REALTIME; may jump.
  public static func wallTime() -> WallTime {
    WallTime(milliseconds: nanoseconds(CLOCK_REALTIME) / 1_000_000)
  }

  private static func nanoseconds(_ clock: clockid_t) -> UInt64 {
    var moment = timespec()
    // Sound: clock_gettime fills the one value pointed to.
    let result = unsafe clock_gettime(clock, &moment)
    precondition(result == 0 && moment.tv_sec >= 0, "the kernel has the clock, and it is past 1970")
    return UInt64(moment.tv_sec) * 1_000_000_000 + UInt64(moment.tv_nsec)
  }
}
