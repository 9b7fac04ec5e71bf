import CCap

/// A right of root's that a process can have by itself (capabilities(7)).
public enum Capability: Sendable, CaseIterable {
  /// To make interfaces, addresses and routes.
  case netAdmin

  var value: cap_value_t {
    switch self {
    case .netAdmin: CAP_NET_ADMIN
    }
  }
}
