import IPv8Wire

/// Where a peer is, as it signed it or as the local user told.
public struct StoredBinding: Equatable, Sendable {
  public let permID: PermID
  public let ipv4: IPv4Address?
  public let port: UInt16
  public let ipv6: IPv6Address?
  public let port6: UInt16
  public let timestamp: WallTime
  /// The signed remainder of the record (protocol §6.1); empty when the local user told it.
  public let certificate: [UInt8]

  public init(
    permID: PermID, ipv4: IPv4Address?, port: UInt16, ipv6: IPv6Address?, port6: UInt16,
    timestamp: WallTime, certificate: [UInt8]
  ) {
    self.permID = permID
    self.ipv4 = ipv4
    self.port = port
    self.ipv6 = ipv6
    self.port6 = port6
    self.timestamp = timestamp
    self.certificate = certificate
  }

  public var isSigned: Bool { !certificate.isEmpty }

  /// The endpoints it names, IPv4 first.
  public var endpoints: [Endpoint] {
    var endpoints: [Endpoint] = []
    if let ipv4 { endpoints.append(Endpoint(.v4(ipv4), port: port)) }
    if let ipv6 { endpoints.append(Endpoint(.v6(ipv6), port: port6)) }
    return endpoints
  }

  /// Whether this takes the place of `other`: signed goes before told, among signed ones the later
  /// timestamp wins, and what the user tells later goes before what he told earlier.
  public func replaces(_ other: StoredBinding) -> Bool {
    switch (isSigned, other.isSigned) {
    case (true, true): timestamp > other.timestamp
    case (false, true): false
    case (_, false): true
    }
  }
}
