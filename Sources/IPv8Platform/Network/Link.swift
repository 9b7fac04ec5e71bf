/// A network interface.
public struct Link: Hashable, Sendable {
  public let interface: InterfaceIndex
  public let name: String
  /// Bytes.
  public let mtu: Int
  public let isUp: Bool
  public let isLoopback: Bool
  /// Whether everybody there can be spoken to at once, as on Ethernet; not so in most tunnels.
  public let isBroadcast: Bool
}
