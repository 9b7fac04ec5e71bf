import Glibc
import IPv8Wire

// A new content is written to a temporary file beside the old one, made durable, and then given the
// name in one step; then the directory is made durable too. So whatever happens, a full disk or a
// power cut, the path holds the whole old content or the whole new one.

/// Files that are replaced whole or not at all.
public enum AtomicFile {
  /// Puts `bytes` in place of what `path` held, if anything.
  ///
  /// - Parameter mode: permission bits, regardless of the umask.
  public static func write(_ bytes: [UInt8], to path: String, mode: UInt32) throws(FileError) {
    do { try publish(bytes, at: path, mode: mode, replacing: true) } catch {
      throw FileError(error)
    }
  }

  /// As ``write(_:to:mode:)``, but if `path` exists throws ``FileError/exists`` and leaves it.
  public static func create(_ bytes: [UInt8], at path: String, mode: UInt32) throws(FileError) {
    do { try publish(bytes, at: path, mode: mode, replacing: false) } catch {
      throw FileError(error)
    }
  }

  private static func publish(
    _ bytes: [UInt8], at path: String, mode: UInt32, replacing: Bool
  ) throws(SystemError) {
    let temporary = "\(path).\(Base32.encode(try SystemEntropy.bytes(10))).tmp"
    do throws(SystemError) {
      try writeDurably(bytes, to: temporary, mode: mode)
      if replacing {
        try File.rename(temporary, to: path)
      } else {
        try File.link(temporary, to: path)
        File.remove(temporary)
      }
    } catch {
      File.remove(temporary)
      throw error
    }
    try synchronize(directory: directory(of: path))
  }

  private static func synchronize(directory path: String) throws(SystemError) {
    let directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
    try directory.synchronize()
  }

  private static func writeDurably(
    _ bytes: [UInt8], to path: String, mode: UInt32
  ) throws(SystemError) {
    let file = try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    try file.write(bytes)
    try file.setMode(mode)
    try file.synchronize()
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
