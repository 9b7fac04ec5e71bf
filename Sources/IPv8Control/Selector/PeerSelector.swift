import IPv8Wire

/// How a user names a peer.
///
/// The four forms never overlap: a name is no text of a PermID or an address.
public enum PeerSelector: Hashable, Sendable {
  case permID(PermID)
  case overlay(OverlayAddress)
  case alias(IPv4Address)
  case name(String)

  /// Bytes; longer than any of the forms.
  static let textLimit = 64

  /// Nil for what can name nobody: the empty text, a long one, an address outside the overlay.
  public init?(text: String) {
    guard (1...Self.textLimit).contains(text.utf8.count) else { return nil }
    if let permID = PermID(text: text) {
      self = .permID(permID)
    } else if let address = IPv6Address(text: text) {
      guard let overlay = OverlayAddress(address) else { return nil }
      self = .overlay(overlay)
    } else if let address = IPv4Address(text: text) {
      self = .alias(address)
    } else {
      self = .name(text)
    }
  }
}

extension PeerSelector: CustomStringConvertible {
  public var description: String {
    switch self {
    case .permID(let permID): permID.description
    case .overlay(let address): address.description
    case .alias(let address): address.description
    case .name(let name): name
    }
  }
}

extension PeerSelector: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    guard let selector = PeerSelector(text: try container.decode(String.self)) else {
      throw DecodingError.dataCorruptedError(in: container, debugDescription: "no peer's name")
    }
    self = selector
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
