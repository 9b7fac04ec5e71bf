import IPv8Wire

/// Which of a contact's packets are let in.
///
/// Asked once for each packet or joined run, not for each record; where everything is allowed it is
/// one comparison.
public enum PacketFilter: Sendable, Equatable {
  case everything
  case nothing
  /// Packets to one of these services; no fragment passes a rule that names ports.
  case only([Service])

  public struct Service: Sendable, Equatable {
    /// Of the IP header (``IPProtocol``).
    public let `protocol`: UInt8
    /// Destination ports; nil for all, and for protocols without ports.
    public let ports: ClosedRange<UInt16>?

    public init(protocol number: UInt8, ports: ClosedRange<UInt16>? = nil) {
      `protocol` = number
      self.ports = ports
    }
  }

  @inline(__always)
  func admits(_ packet: RawSpan) -> Bool {
    switch self {
    case .everything: true
    case .nothing: false
    case .only(let services): Self.admits(packet, to: services)
    }
  }

  @inline(never)
  private static func admits(_ packet: RawSpan, to services: [Service]) -> Bool {
    let number: UInt8
    switch IPPacket(packet) {
    case .v4(let header): number = header.protocol
    case .v6(let header): number = header.nextHeader
    case nil: return false
    }
    let port = TransportLayout(packet).map { packet.bigEndian(UInt16.self, at: $0.transport + 2) }
    return services.contains { service in
      guard service.protocol == number else { return false }
      guard let ports = service.ports else { return true }
      return port.map(ports.contains) ?? false
    }
  }
}
