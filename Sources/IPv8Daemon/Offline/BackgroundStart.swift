import IPv8Control
import IPv8Platform
import IPv8Wire

/// Starts the daemon in the background and waits until it is ready.
public enum BackgroundStart {
  static let readySeconds = 30

  /// Throws unless this process may set up a network interface.
  public static func requirePermission() throws(StartError) {
    guard Privileges.canAdministerNetwork() else { throw .notPermitted }
  }

  /// Runs this program again with `arguments`, which make it a daemon that reports its readiness.
  public static func run(arguments: [String], state: StateDirectory) throws(StartError) {
    let outcome: DetachedProcess.Outcome
    do throws(SystemError) {
      let process = try DetachedProcess(arguments: arguments, log: state.log)
      outcome = try process.outcome(
        until: SystemClock.now() + .seconds(Int64(readySeconds)))
    } catch { throw .notSpawned(error) }
    switch outcome {
    case .reported(let bytes):
      switch StartMessage(bytes) {
      case .ready: return
      case .failed(let code, let line): throw .refused(code, line)
      case nil: throw .died(log: state.log)
      }
    case .exited, .killed: throw .died(log: state.log)
    case .timedOut: throw .timedOut(seconds: readySeconds, log: state.log)
    }
  }
}
