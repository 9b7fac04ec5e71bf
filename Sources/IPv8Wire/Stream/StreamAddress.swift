/// Where a peer takes datagrams over HTTPS: `https://HOST` or `https://HOST:PORT`.
public struct StreamAddress: Hashable, Sendable {
  public static let defaultPort: UInt16 = 443
  private static let scheme = "https://"

  public let location: HostPort

  public init(_ location: HostPort) { self.location = location }

  /// Nil unless the host is a literal or a plausible DNS name; a slash at the end does not count.
  public init?(text: some StringProtocol) {
    guard text.prefix(Self.scheme.count).lowercased() == Self.scheme else { return nil }
    var rest = text.dropFirst(Self.scheme.count)
    if rest.hasSuffix("/") { rest = rest.dropLast() }
    let location = HostPort(text: rest) ?? HostPort(text: "\(rest):\(Self.defaultPort)")
    guard let location else { return nil }
    self.location = location
  }

  /// As a browser would name it: without the port that is usual.
  public var authority: String {
    let text = location.description
    let usual = ":\(Self.defaultPort)"
    return location.port == Self.defaultPort ? String(text.dropLast(usual.count)) : text
  }
}

extension StreamAddress: CustomStringConvertible {
  public var description: String { Self.scheme + authority }
}

/// Where a user says that a peer is: HOST:PORT for UDP, or an HTTPS address.
public enum ToldAddress: Hashable, Sendable {
  case datagrams(HostPort)
  case stream(StreamAddress)

  public init?(text: some StringProtocol) {
    if let stream = StreamAddress(text: text) {
      self = .stream(stream)
    } else if let location = HostPort(text: text) {
      self = .datagrams(location)
    } else {
      return nil
    }
  }
}

extension ToldAddress {
  public var location: HostPort {
    switch self {
    case .datagrams(let location): location
    case .stream(let address): address.location
    }
  }

  public var isStream: Bool { if case .stream = self { true } else { false } }
}

extension ToldAddress: CustomStringConvertible {
  public var description: String {
    switch self {
    case .datagrams(let location): location.description
    case .stream(let address): address.description
    }
  }
}
