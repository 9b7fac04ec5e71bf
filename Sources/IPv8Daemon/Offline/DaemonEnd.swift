import Glibc
import IPv8Control
import IPv8Platform
import IPv8Wire

/// Waits for a daemon that was told to end.
public enum DaemonEnd {
  static let seconds: Int64 = 15
  private static let pollingMicroseconds: UInt32 = 5_000

  /// Calls `request`, then returns when the daemon on `state` has let go of its lock and is gone.
  public static func wait(
    _ state: StateDirectory, after request: () throws(ControlError) -> Void
  ) throws(ControlError) {
    let daemon = holder(of: state)
    try request()
    let deadline = SystemClock.now() + .seconds(seconds)
    while holder(of: state) != nil || daemon.map(isAlive) == true {
      guard SystemClock.now() < deadline else { throw ControlError(.notResponding, state.socket) }
      usleep(pollingMicroseconds)
    }
  }

  /// The process that has the state's lock.
  private static func holder(of state: StateDirectory) -> Int32? {
    do throws(LockError) {
      _ = try LockFile(state.lock)
      return nil
    } catch {
      if case .held(let process) = error { return process ?? 0 }
      return nil
    }
  }

  /// Whether the process runs; one that has ended and waits for its parent does not.
  private static func isAlive(_ process: Int32) -> Bool {
    do throws(FileError) {
      let text = String(
        decoding: try File.read("/proc/\(process)/stat", limit: 4096).bytes, as: UTF8.self)
      let state = text[(text.lastIndex(of: ")") ?? text.startIndex)...].dropFirst(2).first
      return state != "Z" && state != "X"
    } catch { return false }
  }
}
