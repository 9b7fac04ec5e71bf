import IPv8Wire

/// Tells from a gateway's clock whether it lost its mappings (RFC 6887 §8.5, RFC 6886 §3.6).
struct GatewayEpoch: Sendable {
  private var last: (epoch: UInt32, at: Timestamp)?

  /// Notes what a response says; false where the gateway must have begun anew.
  mutating func isContinuous(_ epoch: UInt32, at now: Timestamp) -> Bool {
    defer { last = (epoch, now) }
    guard let last else { return true }
    // One second back may be rounding.
    guard Int64(epoch) >= Int64(last.epoch) - 1 else { return false }
    let theirs = Int64(epoch) - Int64(last.epoch)
    let ours = (now - last.at).milliseconds / 1_000
    return ours + 2 >= theirs - theirs / 16 && theirs + 2 >= ours - ours / 16
  }

  mutating func forget() { last = nil }
}

/// How a mapping was made.
public enum PortMappingProtocol: String, Sendable, Hashable, CaseIterable {
  case pcp, natPMP, upnp
}

/// A UDP port of the gateway that leads to ours.
public struct PortMapping: Sendable, Equatable {
  public let external: Endpoint
  public let madeBy: PortMappingProtocol
  /// When it ends unless it is renewed.
  public let expires: Timestamp

  public init(external: Endpoint, madeBy: PortMappingProtocol, expires: Timestamp) {
    self.external = external
    self.madeBy = madeBy
    self.expires = expires
  }

  /// Whether the world can send there: not where the gateway is behind another NAT.
  public var isUseful: Bool { external.address.reach == .global }
}
