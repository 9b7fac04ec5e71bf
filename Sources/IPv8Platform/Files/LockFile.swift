import Glibc

/// A lock that one process at a time holds (flock(2)); let go when the value or the process ends.
///
/// The file holds the holder's process id as decimal text and stays when the lock is let go:
/// removing it would let two processes lock two files of one name.
public struct LockFile: ~Copyable, Sendable {
  private let file: FileDescriptor

  /// Takes the lock without waiting.
  public init(_ path: String) throws(LockError) {
    do throws(SystemError) {
      let file = try FileDescriptor.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600)
      let number = file.number
      try retrying(.lock) { flock(number, LOCK_EX | LOCK_NB) }
      try retrying(.truncate) { ftruncate(number, 0) }
      try file.write([UInt8]("\(getpid())\n".utf8))
      self.file = file
    } catch {
      if error.call == .lock, error.errno == EWOULDBLOCK { throw .held(byPID: Self.holder(path)) }
      throw .file(FileError(error))
    }
  }

  /// What the file says; nil while its holder has not written it yet.
  private static func holder(_ path: String) -> Int32? {
    do {
      let text = String(decoding: try File.read(path, limit: 32).bytes, as: UTF8.self)
      return text.last == "\n" ? Int32(text.dropLast()) : nil
    } catch { return nil }
  }
}
