import IPv8Wire

/// An address that an interface has.
public struct InterfaceAddress: Hashable, Sendable {
  /// How far an address reaches (RT_SCOPE_*).
  public enum Scope: Hashable, Sendable {
    case global, site, link, host
  }

  public let interface: InterfaceIndex
  public let address: IPAddress
  public let prefixLength: Int
  public let scope: Scope
  /// Not to be used as a source: duplicate detection is under way or has failed, or the address is
  /// deprecated (RFC 4862).
  public let isUnusable: Bool
  /// A temporary address (RFC 8981), which goes after a while.
  public let isTemporary: Bool
}
