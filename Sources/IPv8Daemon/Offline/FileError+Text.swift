import IPv8Platform

extension FileError {
  /// For the end of an explanation.
  var text: String {
    switch self {
    case .notFound: "no such file or directory"
    case .exists: "exists already"
    case .notPermitted: "permission denied"
    case .noSpace: "no space left on the disk"
    case .tooLarge: "too long"
    case .notRegular: "no regular file"
    case .notDirectory: "no directory"
    case .readOnly: "read-only file system"
    case .system(let error): "\(error)"
    }
  }
}
