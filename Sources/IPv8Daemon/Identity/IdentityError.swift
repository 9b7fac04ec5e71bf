import IPv8Control
import IPv8Platform

/// Why there is no identity; the file is as it was.
public enum IdentityError: Error, Equatable {
  case missing(path: String)
  /// Others than the owner may read or write it.
  case exposed(path: String, mode: UInt32)
  case notRegular(path: String)
  /// It is not the one line that it should be.
  case corrupt(path: String)
  /// The seed and the PermID in it do not belong together.
  case wrongPermID(path: String)
  case unreadable(path: String, FileError)
  case unwritable(path: String, FileError)
}

extension IdentityError: ExplainedError {
  public var explanation: String {
    switch self {
    case .missing(let path): ControlError(.identityMissing, path).explanation
    case .exposed(let path, let mode):
      "identity \(path): mode \(String(mode, radix: 8)) lets others read it; "
        + "run 'chmod 600 \(path)', and if others may have read it make a new identity"
    case .notRegular(let path): "identity \(path): is no regular file"
    case .corrupt(let path): "identity \(path): damaged; restore it from a copy"
    case .wrongPermID(let path):
      "identity \(path): damaged, its seed does not make its PermID; restore it from a copy"
    case .unreadable(let path, let error): "identity \(path): cannot be read: \(error.text)"
    case .unwritable(let path, let error): "identity \(path): cannot be written: \(error.text)"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .missing: .noInput
    case .notRegular, .corrupt, .wrongPermID: .data
    case .exposed, .unreadable(_, .notPermitted), .unwritable(_, .notPermitted): .noPermission
    case .unreadable: .system
    case .unwritable: .cannotCreate
    }
  }
}
