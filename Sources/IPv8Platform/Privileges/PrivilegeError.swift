/// Why privileges were not dropped; the process should end.
public enum PrivilegeError: Error, Hashable {
  case unknownUser(String)
  /// Capabilities belong to threads, so they are dropped before there are several.
  case otherThreads
  /// A capability that is to be kept is not there.
  case missing(Capability)
  case system(SystemError)
  /// All calls succeeded, yet the process still has more than it should.
  case stillPrivileged
}
