import Glibc

extension Directory {
  /// Who may do what in the directory `path`, which must be no link.
  ///
  /// - Parameters:
  ///   - owner: a user; nil for the one that it has.
  ///   - group: nil for the one that it has.
  ///   - mode: permission bits.
  public static func setAccess(
    _ path: String, owner: UInt32? = nil, group: UInt32? = nil, mode: UInt32
  ) throws(FileError) {
    do throws(SystemError) {
      let directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
      let number = directory.number
      // The greatest number stands for no change (chown(2)).
      let (user, group) = (owner ?? .max, group ?? .max)
      try retrying(.changeOwner) { fchown(number, user, group) }
      try directory.setMode(mode)
    } catch { throw FileError(error) }
  }

  /// Lets everybody reach what lies in the directory `path` and is theirs to open.
  public static func letThrough(_ path: String) throws(FileError) {
    do throws(SystemError) {
      let directory = try FileDescriptor.open(path, O_RDONLY | O_DIRECTORY)
      let mode = try directory.status().st_mode & 0o7777
      if mode & S_IXOTH == 0 { try directory.setMode(mode | S_IXOTH) }
    } catch { throw FileError(error) }
  }
}
