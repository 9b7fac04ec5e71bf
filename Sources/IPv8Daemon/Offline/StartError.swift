import IPv8Control
import IPv8Platform

/// Why there is no daemon after it was started in the background.
public enum StartError: Error, Equatable {
  /// What the daemon itself said.
  case refused(ExitCode, String)
  /// It ended without a word.
  case died(log: String)
  case timedOut(seconds: Int, log: String)
  case notSpawned(SystemError)
  case notPermitted
}

extension StartError: ExplainedError {
  public var explanation: String {
    switch self {
    case .refused(_, let line): line
    case .died(let log): "daemon: ended while starting; see \(log)"
    case .timedOut(let seconds, let log): "daemon: not ready after \(seconds) s; see \(log)"
    case .notSpawned(let error): "daemon: cannot be started: \(error)"
    case .notPermitted:
      "network administration: not permitted; run 'sudo ipv8-tun up' or grant CAP_NET_ADMIN"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .refused(let code, _): code
    case .died: .software
    case .timedOut: .temporary
    case .notSpawned: .system
    case .notPermitted: .noPermission
    }
  }
}
