import Glibc

/// SIGTERM and SIGINT as events for one waiting thread, instead of sudden death.
public enum TerminationSignal {
  /// Keeps both signals, and SIGPIPE, from interrupting anything. Call it before there are threads,
  /// which inherit it.
  public static func block() {
    var signals = set()
    // Sound: the set is initialised by `set()`.
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    signal(SIGPIPE, SIG_IGN)
  }

  /// Waits until one of them is sent to this process.
  public static func wait() {
    var signals = set()
    var received: Int32 = 0
    repeat {} while unsafe sigwait(&signals, &received) != 0
  }

  /// Sends it to this process, from any thread.
  public static func raise() { kill(getpid(), SIGTERM) }

  private static func set() -> sigset_t {
    var signals = sigset_t()
    unsafe sigemptyset(&signals)
    unsafe sigaddset(&signals, SIGTERM)
    unsafe sigaddset(&signals, SIGINT)
    return signals
  }
}
