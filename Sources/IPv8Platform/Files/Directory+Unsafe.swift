import Glibc

/// Directories.
public enum Directory {
  /// Makes the directory `path`, and with mode 0755 those above it that are missing. One that
  /// exists is left as it is.
  ///
  /// - Parameter mode: permission bits of the directory itself, regardless of the umask.
  public static func create(_ path: String, mode: UInt32) throws(FileError) {
    do throws(SystemError) {
      var end = path.startIndex
      while let slash = path[end...].firstIndex(of: "/") {
        if slash > path.startIndex { _ = try make(String(path[..<slash]), mode: 0o755) }
        end = path.index(after: slash)
      }
      let made = try make(path, mode: mode)
      let directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
      if made { try directory.setMode(mode) }
    } catch { throw FileError(error) }
  }

  /// Whether the directory was made; false if something of that name exists.
  private static func make(_ path: String, mode: UInt32) throws(SystemError) -> Bool {
    do {
      // Sound: the path is passed as a C string that lives for the call.
      try retrying(.createDirectory) { unsafe mkdir(path, mode_t(mode)) }
      return true
    } catch {
      if error.errno == EEXIST { return false }
      throw error
    }
  }
}
