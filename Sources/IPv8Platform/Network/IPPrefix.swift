import IPv8Wire

/// A range of addresses of either family.
public enum IPPrefix: Hashable, Sendable {
  case v4(IPv4Prefix)
  case v6(IPv6Prefix)
}
