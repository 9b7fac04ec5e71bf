/// A flow between this host and a peer, as a socket names it: the addresses follow from the peer and the
/// family.
public struct DeclaredFlow: Hashable, Sendable {
  public let isIPv6: Bool
  /// As in ``FlowIdentity``.
  private let rest: UInt64

  /// - Parameter transport: the number of the protocol, of TCP or UDP.
  public init(isIPv6: Bool, transport: UInt8, localPort: UInt16, remotePort: UInt16) {
    self.isIPv6 = isIPv6
    rest = UInt64(transport) << 32 | UInt64(localPort) << 16 | UInt64(remotePort)
  }

  /// The one that an outgoing packet is of; of what has no ports, none that was declared.
  init(_ flow: FlowIdentity) {
    isIPv6 = flow.isIPv6
    rest = flow.rest
  }

  public var transport: UInt8 { UInt8(truncatingIfNeeded: rest >> 32) }
  public var localPort: UInt16 { UInt16(truncatingIfNeeded: rest >> 16) }
  public var remotePort: UInt16 { UInt16(truncatingIfNeeded: rest) }
}
