import Glibc

/// A group of this machine's users.
public struct GroupAccount: Hashable, Sendable {
  public let name: String
  public let groupID: UInt32

  /// Looks `name` up; nil if there is no such group.
  public init?(named name: String) throws(SystemError) {
    var entry = unsafe group()
    var found: UnsafeMutablePointer<group>?
    // Room for the names of its members, of which there may be many.
    var buffer = [CChar](repeating: 0, count: 1 << 20)
    // Sound: the size given is the array's; of the entry only its number is used, not the strings
    // that point into the array.
    let code = unsafe getgrnam_r(name, &entry, &buffer, buffer.count, &found)
    // These codes too are how libraries say "no such group" (getgrnam(3)).
    if code != 0, ![ENOENT, ESRCH, EBADF, EPERM].contains(code) {
      throw SystemError(.group, errno: code)
    }
    guard code == 0, unsafe found != nil else { return nil }
    self.name = name
    groupID = unsafe entry.gr_gid
  }
}
