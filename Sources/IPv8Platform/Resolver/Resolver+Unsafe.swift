import CIPv8Linux
import Glibc
import IPv8Wire

/// Finds the addresses of names.
public enum Resolver {
  /// Addresses of one name that are kept.
  public static let limit = 16

  /// The endpoints of `host`, both families, in the order of preference of RFC 6724, without
  /// duplicates. A literal is answered at once; a name blocks for as long as the system's resolver
  /// does, which may be tens of seconds.
  public static func resolve(_ host: HostPort) throws(ResolveError) -> [Endpoint] {
    if let address = IPAddress(text: host.host) { return [Endpoint(address, port: host.port)] }
    var found = [cipv8_endpoint](repeating: cipv8_endpoint(), count: limit)
    // Sound: the name is passed as a C string that lives for the call; the capacity given is the
    // array's count.
    let count = unsafe cipv8_resolve(host.host, &found, Int32(limit))
    switch count {
    case 1...: break
    case 0, EAI_NONAME, Int32(CIPV8_EAI_NODATA): throw .notFound
    case EAI_AGAIN: throw .temporary
    default: throw .failed(code: count)
    }
    var endpoints: [Endpoint] = []
    for entry in found.prefix(Int(count)) {
      let endpoint = Endpoint(
        entry.endpoint.address, port: host.port, scope: entry.endpoint.scope)
      if !endpoints.contains(endpoint) { endpoints.append(endpoint) }
    }
    return endpoints
  }
}
