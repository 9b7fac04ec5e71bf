import IPv8Control
import IPv8Platform

/// Where one instance keeps what it is and knows (docs/reference/state-directory.md).
public struct StateDirectory: Equatable, Sendable {
  public static let standard = "/var/lib/ipv8-tun"
  /// The group of the daemon's user may enter and so reach the socket.
  static let mode: UInt32 = 0o750

  public let path: String

  public init(_ path: String) { self.path = path }

  public var identity: String { path + "/identity.key" }
  public var database: String { path + "/ipv8.db" }
  /// What others signed.
  public var records: String { path + "/records.db" }
  public var socket: String { path + "/control.sock" }
  /// Where who may read the quality of paths finds the socket for it.
  var observation: String { path + "/observe" }
  public var observationSocket: String { observation + "/sock" }
  /// Held by the daemon while it runs, and by a command that changes the files while it does not.
  public var lock: String { path + "/lock" }
  /// Output of a daemon that was started in the background.
  public var log: String { path + "/daemon.log" }

  /// Makes the directory if it is missing.
  public func create() throws(ControlError) {
    do throws(FileError) {
      try Directory.create(path, mode: Self.mode)
    } catch {
      throw ControlError(error, path)
    }
  }

  /// Takes the directory for this process.
  public func takeLock() throws(ControlError) -> LockFile {
    do throws(LockError) {
      return try LockFile(lock)
    } catch {
      switch error {
      case .held: throw ControlError(.stateBusy, path)
      case .file(.notFound): throw ControlError(.stateMissing, path)
      case .file(let error): throw ControlError(error, lock)
      }
    }
  }
}

extension ControlError {
  /// A file or directory of the state that could not be used.
  init(_ error: FileError, _ path: String) {
    switch error {
    case .noSpace: self.init(.diskFull, path)
    case .notPermitted: self.init(.permissionDenied, path)
    default: self.init(.storage, "\(path): cannot be used: \(error.text)")
    }
  }
}
