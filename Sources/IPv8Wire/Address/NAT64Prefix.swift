/// A prefix under which an IPv6 network reaches IPv4 hosts, by a NAT64 (RFC 6052 §2.2): each IPv4
/// address stands for one IPv6 address, and no other.
public struct NAT64Prefix: Hashable, Sendable {
  /// 64:ff9b::/96 (RFC 6052 §2.1).
  public static let wellKnown = NAT64Prefix(
    unchecked: IPv6Address(high: 0x64_ff9b << 32, low: 0), 96)
  /// Bits that a prefix may have, the most usual first.
  public static let lengths = [96, 64, 56, 48, 40, 32]

  @usableFromInline let high: UInt64
  /// Bits 64 to 71 are zero.
  @usableFromInline let low: UInt64
  public let length: Int
  /// Bits of the IPv4 address before bit 64; the rest follows bit 71. Of no use at length 96.
  @usableFromInline let head: UInt64

  /// Nil for other lengths than ``lengths``, and where bits 64 to 71 are not zero.
  public init?(_ prefix: IPv6Prefix) {
    guard Self.lengths.contains(prefix.length), prefix.address.value >> 56 & 0xff == 0 else {
      return nil
    }
    self.init(unchecked: prefix.address, prefix.length)
  }

  private init(unchecked address: IPv6Address, _ length: Int) {
    high = UInt64(truncatingIfNeeded: address.value >> 64)
    low = UInt64(truncatingIfNeeded: address.value)
    self.length = length
    head = UInt64(max(64 - length, 0))
  }

  public var prefix: IPv6Prefix {
    IPv6Prefix(containing: IPv6Address(high: high, low: low), length: length)
  }

  @inlinable
  public func embed(_ address: IPv4Address) -> IPv6Address {
    let value = UInt64(address.value)
    if length == 96 { return IPv6Address(high: high, low: low | value) }
    let tail = value << head & 0xffff_ffff
    return IPv6Address(high: high | value >> (32 - head), low: tail << 24)
  }

  /// The IPv4 address that stands for `address`; nil where none does.
  @inlinable
  public func extract(_ address: IPv6Address) -> IPv4Address? {
    let (upper, lower) = (
      UInt64(truncatingIfNeeded: address.value >> 64), UInt64(truncatingIfNeeded: address.value)
    )
    let value =
      length == 96 ? lower : (upper & (1 << head - 1)) << (32 - head) | (lower >> 24) >> head
    let found = IPv4Address(UInt32(truncatingIfNeeded: value))
    return embed(found) == address ? found : nil
  }
}

extension NAT64Prefix: CustomStringConvertible {
  public var description: String { "\(prefix)" }

  /// `ADDRESS/LENGTH`; nil for anything else.
  public init?(text: some StringProtocol) {
    guard let prefix = IPv6Prefix(text: text) else { return nil }
    self.init(prefix)
  }
}

// MARK: Endpoints

extension NAT64Prefix {
  /// Where datagrams for `endpoint` go in the IPv6 network. IPv4 addresses that are not global mean
  /// hosts here, not behind the NAT64 (RFC 6052 §3.1), and stay as they are, as does IPv6.
  public func outward(_ endpoint: Endpoint) -> Endpoint {
    guard case .v4(let address) = endpoint.address, endpoint.address.reach == .global else {
      return endpoint
    }
    return Endpoint(.v6(embed(address)), port: endpoint.port)
  }

  /// What `endpoint` of the IPv6 network stands for: the reverse of ``outward(_:)``.
  public func inward(_ endpoint: Endpoint) -> Endpoint {
    guard case .v6(let address) = endpoint.address, let found = extract(address),
      IPAddress.v4(found).reach == .global
    else { return endpoint }
    return Endpoint(.v4(found), port: endpoint.port)
  }

  /// What `endpoints` stand for, each once.
  public func inward(_ endpoints: [Endpoint]) -> [Endpoint] {
    var seen: Set<Endpoint> = []
    return endpoints.map { inward($0) }.filter { seen.insert($0).inserted }
  }
}

// MARK: Discovery

extension NAT64Prefix {
  /// A name that has IPv4 addresses alone: what a resolver gives for IPv6 is of its own making
  /// (RFC 7050 §3).
  public static let discoveryName = "ipv4only.arpa"
  /// Its addresses (RFC 7050 §8.2).
  static let discoveryAddresses = [IPv4Address(0xc000_00aa), IPv4Address(0xc000_00ab)]

  /// The prefix in which a resolver gave `answers` for ``discoveryName``; nil for none. One that holds
  /// both addresses goes before one that holds one of them, perhaps by chance; then the longer one.
  public init?(discovering answers: [IPv6Address]) {
    var found: [(prefix: NAT64Prefix, count: Int)] = []
    for length in Self.lengths {
      for answer in answers {
        guard let prefix = NAT64Prefix(IPv6Prefix(containing: answer, length: length)) else {
          continue
        }
        let count = Self.discoveryAddresses.count { answers.contains(prefix.embed($0)) }
        if count > 0 { found.append((prefix, count)) }
      }
    }
    let most = found.map(\.count).max()
    guard let best = found.first(where: { $0.count == most }) else { return nil }
    self = best.prefix
  }
}
