import IPv8Wire

/// A host on a link of ours, as the kernel has found it (RFC 826, RFC 4861).
public struct Neighbour: Hashable, Sendable {
  /// Bytes of a hardware address at most (MAX_ADDR_LEN of Linux).
  public static let hardwareLimit = 32

  public let interface: InterfaceIndex
  public let address: IPAddress
  /// Six bytes on Ethernet.
  public let hardwareAddress: [UInt8]
}
