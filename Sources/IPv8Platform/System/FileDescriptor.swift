import Glibc

/// An open descriptor; closed when its owner goes. All are made close-on-exec.
public struct FileDescriptor: ~Copyable, Sendable {
  public let number: Int32

  /// Takes ownership of an open descriptor.
  public init(owning number: Int32) {
    precondition(number >= 0, "an open descriptor")
    self.number = number
  }

  deinit { close(number) }

  /// Gives the descriptor to who will close it.
  public consuming func release() -> Int32 {
    let number = number
    discard self
    return number
  }

  /// A second descriptor of the same open file, numbered `minimum` or higher.
  public func duplicate(atLeast minimum: Int32 = 0) throws(SystemError) -> FileDescriptor {
    let number = number
    return FileDescriptor(
      owning: try retrying(.duplicate) { fcntl(number, F_DUPFD_CLOEXEC, minimum) })
  }

  /// Makes what was written durable.
  func synchronize() throws(SystemError) {
    let number = number
    try retrying(.sync) { fsync(number) }
  }

  /// - Parameter mode: permission bits, regardless of the umask.
  func setMode(_ mode: UInt32) throws(SystemError) {
    let number = number
    try retrying(.changeMode) { fchmod(number, mode_t(mode)) }
  }
}
