import IPv8Wire

extension Resolver {
  /// What the system's resolver gives as IPv6 addresses of a name that has none (RFC 7050 §3); nil
  /// where no name server answers. Blocks as ``resolve(_:)`` does.
  public static func answersForNAT64() -> [IPv6Address]? {
    guard let name = HostPort(text: "\(NAT64Prefix.discoveryName):1") else { return [] }
    do throws(ResolveError) {
      return try resolve(name).compactMap {
        if case .v6(let address) = $0.address { address } else { nil }
      }
    } catch { return error == .notFound ? [] : nil }
  }
}
