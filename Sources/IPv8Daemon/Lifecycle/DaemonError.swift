import IPv8Control
import IPv8Platform

/// Why the daemon did not come up.
public enum DaemonError: Error, Equatable {
  case interface(String, TunError)
  case port(UInt16, SocketError)
  case httpsPort(UInt16, SocketError)
  case privileges(PrivilegeError)
  /// Of `path_readers`.
  case unknownGroup(String)
  /// The system refused something that should work: what, and why.
  case system(String, SystemError)
}

extension DaemonError: ExplainedError {
  public var explanation: String {
    switch self {
    case .interface(let name, let error): "interface \(name): \(Self.text(error))"
    case .port(let port, let error): "port \(port): \(Self.text(error, "--port"))"
    case .httpsPort(let port, let error):
      "https_port \(port): \(Self.text(error, "https_port"))"
    case .privileges(let error): "privileges: \(Self.text(error))"
    case .unknownGroup(let name): "path_readers group:\(name): no such group"
    case .system(let what, let error): "\(what): \(error)"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .interface(_, .notPermitted), .port(_, .notPermitted): .noPermission
    case .interface(_, .badName): .usage
    case .interface(_, .noDevice), .interface(_, .nameTaken), .port, .httpsPort: .unavailable
    case .privileges(.unknownUser), .unknownGroup: .configuration
    case .interface, .privileges, .system: .system
    }
  }

  private static func text(_ error: TunError) -> String {
    switch error {
    case .noDevice:
      "/dev/net/tun is missing; load the module with 'modprobe tun', or give the container "
        + "--device /dev/net/tun"
    case .notPermitted: "not permitted; run as root or grant CAP_NET_ADMIN"
    case .nameTaken: "the name is taken by another interface; choose one with --interface"
    case .badName: "no valid interface name; at most 15 characters without '/', ':' and blanks"
    case .system(let error): "\(error)"
    }
  }

  /// - Parameter key: by what another port is chosen.
  private static func text(_ error: SocketError, _ key: String) -> String {
    switch error {
    case .portTaken: "in use by another program; choose one with \(key)"
    case .familyUnsupported: "the kernel has neither IPv4 nor IPv6"
    case .notPermitted: "not permitted; choose one above 1023"
    case .system(let error): "\(error)"
    }
  }

  private static func text(_ error: PrivilegeError) -> String {
    switch error {
    case .unknownUser(let name): "user \(name) does not exist"
    case .otherThreads: "cannot be dropped once there are several threads"
    case .missing(let capability): "\(capability) is missing"
    case .system(let error): "\(error)"
    case .stillPrivileged: "could not be dropped"
    }
  }
}
