/// How `ipv8-tun` ends (docs/reference/exit-codes.md): sysexits(3) where one fits.
public enum ExitCode: Int32, Sendable, CaseIterable {
  case success = 0
  /// The peer did not answer, as of ping(8).
  case noAnswer = 1
  /// The daemon is not running, as of LSB init scripts.
  case notRunning = 3
  case usage = 64
  /// A file of the state directory is damaged.
  case data = 65
  /// There is no state directory or no identity yet.
  case noInput = 66
  case unknownPeer = 67
  /// Something that is needed is missing or taken: the device, the interface name, the port.
  case unavailable = 69
  case software = 70
  /// The operating system refused something that should work.
  case system = 71
  /// A file cannot be made or written: a full disk, a read-only directory.
  case cannotCreate = 73
  /// Busy; trying again may help.
  case temporary = 75
  case noPermission = 77
  case configuration = 78
}

/// An error that a person is told of in one line.
public protocol ExplainedError: Error {
  /// `<what> <value>: <why, what to do>`, without a full stop.
  var explanation: String { get }
  var exitCode: ExitCode { get }
}
