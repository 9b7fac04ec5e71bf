import Glibc

/// Whole files.
public enum File {
  /// Reads the regular file at `path`, links followed.
  ///
  /// - Parameter limit: bytes; a longer file is ``FileError/tooLarge``.
  public static func read(_ path: String, limit: Int) throws(FileError) -> FileContents {
    let result: Result<FileContents, FileError>
    do { result = try readRegular(path, limit: limit) } catch { throw FileError(error) }
    return try result.get()
  }

  private static func readRegular(
    _ path: String, limit: Int
  ) throws(SystemError) -> Result<FileContents, FileError> {
    // Non-blocking, so that a pipe without a writer does not hold us.
    let file = try FileDescriptor.open(path, O_RDONLY | O_NONBLOCK)
    let status = try file.status()
    guard status.st_mode & S_IFMT == S_IFREG else { return .failure(.notRegular) }
    var buffer = [UInt8](repeating: 0, count: min(limit + 1, 64 << 10))
    var bytes: [UInt8] = []
    while bytes.count <= limit {
      let count = try file.read(into: &buffer)
      if count == 0 {
        let mode = status.st_mode & 0o7777
        return .success(FileContents(bytes: bytes, mode: mode, owner: status.st_uid))
      }
      bytes += buffer.prefix(count)
    }
    return .failure(.tooLarge)
  }

  /// Gives the file or directory at `path` to `account`; a link itself, not what it leads to.
  public static func setOwner(_ path: String, to account: UserAccount) throws(FileError) {
    do {
      // Sound: the path is passed as a C string that lives for the call.
      try retrying(.changeOwner) { unsafe lchown(path, account.userID, account.groupID) }
    } catch { throw FileError(error) }
  }

  /// Removes the file at `path`, which need not be there.
  static func remove(_ path: String) {
    // Sound: the path is passed as a C string that lives for the call.
    _ = unsafe unlink(path)
  }

  static func rename(_ old: String, to new: String) throws(SystemError) {
    // Sound: the paths are passed as C strings that live for the call.
    try retrying(.rename) { unsafe Glibc.rename(old, new) }
  }

  /// Gives the file `old` a second name, which must be free.
  static func link(_ old: String, to new: String) throws(SystemError) {
    // Sound: the paths are passed as C strings that live for the call.
    try retrying(.link) { unsafe Glibc.link(old, new) }
  }
}
