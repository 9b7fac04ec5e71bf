import Glibc

/// What became of one datagram.
public enum SendOutcome: Equatable, Sendable {
  case sent
  /// The socket buffer is full.
  case blocked
  /// No route, no source address, a firewall's veto.
  case unreachable
  /// Larger than the interface or the path takes.
  case tooBig
  case failed(SystemError)

  init(errno code: Int32) {
    self =
      switch code {
      case EAGAIN, ENOBUFS, ENOMEM: .blocked
      case ENETUNREACH, EHOSTUNREACH, ENETDOWN, EHOSTDOWN, EADDRNOTAVAIL, ECONNREFUSED, ENODEV,
        EPERM, EACCES:
        .unreachable
      case EMSGSIZE: .tooBig
      default: .failed(SystemError(.send, errno: code))
      }
  }
}
