import IPv8Wire

/// Which path a program asks about, or whose traffic.
public enum PathQuery: Hashable, Sendable {
  case peer(PeerSelector)
  case socket(LocalSocket)
}

/// A socket of this machine that talks to a peer over the overlay.
public struct LocalSocket: Hashable, Sendable {
  public enum TransportProtocol: String, Sendable {
    case tcp
    case udp
  }

  public var transport: TransportProtocol
  public var local: Endpoint
  public var remote: Endpoint

  public init(transport: TransportProtocol, local: Endpoint, remote: Endpoint) {
    self.transport = transport
    self.local = local
    self.remote = remote
  }
}

extension LocalSocket: CustomStringConvertible {
  public var description: String { "\(transport.rawValue) \(local) to \(remote)" }

  /// Whose socket the other end is.
  public var peer: PeerSelector? { PeerSelector(address: remote.address) }
}

extension PeerSelector {
  /// The contact with this overlay address or alias; nil for an IPv6 address outside the overlay.
  init?(address: IPAddress) {
    switch address {
    case .v4(let alias): self = .alias(alias)
    case .v6(let address):
      guard let overlay = OverlayAddress(address) else { return nil }
      self = .overlay(overlay)
    }
  }
}

extension PathQuery {
  /// Reads the query of a URL: `to=ADDRESS`, or `protocol=`, `local=` and `remote=`.
  init(_ query: QueryItems) throws(ControlError) {
    let text = try query.value("to")
    if let text {
      guard let address = IPAddress(text: text)?.unmapped else {
        throw ControlError(.requestMalformed, "parameter to")
      }
      guard let peer = PeerSelector(address: address) else {
        throw ControlError(.peerUnknown, text)
      }
      self = .peer(peer)
      return
    }
    guard let name = try query.value("protocol"),
      let transport = LocalSocket.TransportProtocol(rawValue: name)
    else { throw ControlError(.requestMalformed, "parameter protocol") }
    let local = try Self.endpoint("local", query)
    let remote = try Self.endpoint("remote", query)
    let socket = LocalSocket(transport: transport, local: local, remote: remote)
    guard socket.peer != nil else { throw ControlError(.peerUnknown, "\(remote.address)") }
    self = .socket(socket)
  }

  private static func endpoint(
    _ name: String, _ query: QueryItems
  ) throws(ControlError) -> Endpoint {
    guard let text = try query.value(name), let endpoint = Endpoint(text: text) else {
      throw ControlError(.requestMalformed, "parameter \(name)")
    }
    return Endpoint(endpoint.address.unmapped, port: endpoint.port)
  }
}

extension IPAddress {
  /// The IPv4 address that the sockets of programs which speak both families have in IPv6's form
  /// (RFC 4291 §2.5.5.2).
  fileprivate var unmapped: IPAddress {
    guard case .v6(let address) = self, address.value >> 32 == 0xffff else { return self }
    return .v4(IPv4Address(UInt32(truncatingIfNeeded: address.value)))
  }
}
