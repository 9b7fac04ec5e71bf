import CIPv8Linux
import Glibc
import IPv8Wire

extension cipv8_endpoint {
  init(_ endpoint: Endpoint) {
    self.init()
    switch endpoint.address {
    case .v4(let address):
      family = UInt16(AF_INET)
      low = UInt64(address.value)
    case .v6(let address):
      family = UInt16(AF_INET6)
      high = UInt64(truncatingIfNeeded: address.value >> 64)
      low = UInt64(truncatingIfNeeded: address.value)
    }
    port = endpoint.port
    scope = endpoint.scope
  }

  var endpoint: Endpoint {
    if family == UInt16(AF_INET) {
      return Endpoint(.v4(IPv4Address(UInt32(truncatingIfNeeded: low))), port: port)
    }
    let address = IPv6Address(UInt128(high) << 64 | UInt128(low))
    return Endpoint(.v6(address), port: port, scope: scope)
  }
}
