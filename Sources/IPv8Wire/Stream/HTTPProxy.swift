/// A proxy that tunnels by CONNECT (RFC 9110 §9.3.6), as environments and users name it.
public struct HTTPProxy: Hashable, Sendable {
  public static let defaultPort: UInt16 = 3128

  public let location: HostPort
  /// `user:password` for Basic authentication (RFC 7617); nil without.
  public let credentials: String?

  /// `[http://][USER[:PASSWORD]@]HOST[:PORT][/]`; nil for anything else.
  public init?(text: some StringProtocol) {
    var rest = Substring(text)
    if let scheme = rest.firstRange(of: "://") {
      guard rest[..<scheme.lowerBound].lowercased() == "http" else { return nil }
      rest = rest[scheme.upperBound...]
    }
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    if let at = rest.lastIndex(of: "@") {
      guard let credentials = Self.unescaped(rest[..<at]) else { return nil }
      self.credentials = credentials
      rest = rest[rest.index(after: at)...]
    } else {
      credentials = nil
    }
    let location = HostPort(text: rest) ?? HostPort(text: "\(rest):\(Self.defaultPort)")
    guard let location else { return nil }
    self.location = location
  }

  /// Percent-encoded text (RFC 3986 §2.1); nil for a broken escape, and for control characters,
  /// which would end a header's line.
  private static func unescaped(_ text: Substring) -> String? {
    var bytes: [UInt8] = []
    var rest = Substring(text).utf8[...]
    while let byte = rest.popFirst() {
      if byte != UInt8(ascii: "%") {
        bytes.append(byte)
      } else {
        guard rest.count >= 2, let value = UInt8(String(rest.prefix(2)) ?? "", radix: 16) else {
          return nil
        }
        rest = rest.dropFirst(2)
        bytes.append(value)
      }
    }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Asks for a tunnel to `destination`.
  public func request(to destination: HostPort) -> [UInt8] {
    var lines = ["CONNECT \(destination) HTTP/1.1", "Host: \(destination)"]
    if let credentials {
      lines.append("Proxy-Authorization: Basic \(Base64.encode([UInt8](credentials.utf8)))")
    }
    return [UInt8]((lines + ["", ""]).joined(separator: "\r\n").utf8)
  }
}

/// Hosts that are reached without a proxy, as `no_proxy` lists them: names with the names under them,
/// addresses, `*` for all; commas between.
public struct ProxyExemptions: Sendable, Equatable {
  private let entries: [String]

  public init(_ text: String) {
    entries = text.split(whereSeparator: { $0 == "," || $0 == " " }).map {
      let entry = $0.lowercased()
      return entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
    }
  }

  public func covers(_ host: String) -> Bool {
    let host = host.lowercased()
    return entries.contains { entry in
      entry == "*" || host == entry
        || host.hasSuffix("." + entry) && IPAddress(text: host) == nil
    }
  }
}
