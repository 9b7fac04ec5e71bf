import Glibc

/// Processor time of this thread, in nanoseconds: nothing here waits, and other programs' turns on a busy
/// machine do not count.
func nanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Milliseconds that `body` takes.
func milliseconds(_ body: () -> Void) -> Double {
  let start = nanoseconds()
  body()
  return Double(nanoseconds() - start) / 1e6
}

func leave(_ message: String) -> Never {
  let line = "trustbench: \(message)\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
  exit(1)
}
