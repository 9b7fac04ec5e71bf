import IPv8Wire

/// A unicast route of the main table.
public struct Route: Hashable, Sendable {
  /// Length 0 for a default route.
  public let destination: IPPrefix
  /// Nil for routes with several next hops.
  public let interface: InterfaceIndex?
  public let gateway: IPAddress?
  /// Smaller is preferred.
  public let metric: UInt32
}
