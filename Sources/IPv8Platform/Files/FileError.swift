import Glibc

/// Why a file could not be read, written or locked.
public enum FileError: Error, Hashable {
  case notFound
  case exists
  case notPermitted
  case noSpace
  /// Longer than the limit given.
  case tooLarge
  /// Something is there, but neither a file nor a link to one.
  case notRegular
  case notDirectory
  case readOnly
  case system(SystemError)

  init(_ error: SystemError) {
    self =
      switch error.errno {
      case ENOENT: .notFound
      case EEXIST: .exists
      case EACCES, EPERM: .notPermitted
      case ENOSPC, EDQUOT: .noSpace
      case EISDIR: .notRegular
      case ENOTDIR: .notDirectory
      case EROFS: .readOnly
      default: .system(error)
      }
  }
}
