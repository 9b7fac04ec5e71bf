import Glibc

/// A user of this machine.
public struct UserAccount: Hashable, Sendable {
  public let name: String
  public let userID: UInt32
  public let groupID: UInt32

  /// Looks `name` up; nil if there is no such user.
  public init?(named name: String) throws(SystemError) {
    var entry = unsafe passwd()
    var found: UnsafeMutablePointer<passwd>?
    // Room for the entry's strings; POSIX knows no upper bound, but entries are short lines.
    var buffer = [CChar](repeating: 0, count: 16 << 10)
    // Sound: the size given is the array's; of the entry only its numbers are used, not the strings
    // that point into the array.
    let code = unsafe getpwnam_r(name, &entry, &buffer, buffer.count, &found)
    // These codes too are how libraries say "no such user" (getpwnam(3)).
    if code != 0, ![ENOENT, ESRCH, EBADF, EPERM].contains(code) {
      throw SystemError(.user, errno: code)
    }
    guard code == 0, unsafe found != nil else { return nil }
    self.name = name
    userID = unsafe entry.pw_uid
    groupID = unsafe entry.pw_gid
  }
}
