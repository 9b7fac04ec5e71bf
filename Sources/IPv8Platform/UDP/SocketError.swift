/// Why there is no UDP socket.
public enum SocketError: Error, Hashable {
  case portTaken
  /// The kernel lacks the address family, as with `ipv6.disable=1`.
  case familyUnsupported
  /// The port is privileged.
  case notPermitted
  case system(SystemError)
}
