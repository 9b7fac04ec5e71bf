import Foundation

extension Peer {
  /// This peer's addresses and `other`'s, as packets bear them here and there.
  func routes(to other: Peer) throws -> [PacketSample.Route] {
    let own = try identity().address6.addressBytes
    let far = try other.identity().address6.addressBytes
    let local = try (status().address4, status(of: other)?.address4)
    let remote = try (other.status(of: self)?.address4, other.status().address4)
    guard let source = local.0, let destination = local.1, let arriving = remote.0,
      let arrived = remote.1
    else { throw LabError.noAlias }
    return [
      PacketSample.Route(local: (own, far), remote: (own, far)),
      PacketSample.Route(
        local: (source.addressBytes, destination.addressBytes),
        remote: (arriving.addressBytes, arrived.addressBytes)),
    ]
  }
}

extension Peer {
  /// Where this peer's programs reach `other`.
  func address(of other: Peer, isIPv6: Bool) throws -> String {
    if isIPv6 { return try other.identity().address6 }
    guard let alias = try status(of: other)?.address4 else { throw LabError.noAlias }
    return alias
  }
}

extension String {
  /// The 4 or 16 bytes of an IP address in text.
  var addressBytes: [UInt8] {
    var address6 = in6_addr()
    if inet_pton(AF_INET6, self, &address6) == 1 {
      return Swift.withUnsafeBytes(of: &address6) { Array($0) }
    }
    var address4 = in_addr()
    inet_pton(AF_INET, self, &address4)
    return Swift.withUnsafeBytes(of: &address4) { Array($0) }
  }
}
