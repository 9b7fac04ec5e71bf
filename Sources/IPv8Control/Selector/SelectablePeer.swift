import IPv8Wire

/// By what a contact can be named.
public struct SelectablePeer: Equatable, Sendable {
  public let permID: PermID
  public let address: OverlayAddress
  public let alias: IPv4Address?
  /// Given by the local user; no two contacts have the same.
  public let petname: String?
  /// Given by the peer itself; anyone may claim any.
  public let ownName: String?

  public init(
    permID: PermID, address: OverlayAddress, alias: IPv4Address? = nil, petname: String? = nil,
    ownName: String? = nil
  ) {
    self.permID = permID
    self.address = address
    self.alias = alias
    self.petname = petname
    self.ownName = ownName
  }
}

extension PeerSelector {
  /// The one of `peers` that this names.
  ///
  /// Rules: a PermID, overlay address or alias names its holder. A name is first looked for among
  /// petnames, and only where nobody has it among the names that peers without a petname give
  /// themselves. A name of several is refused, never guessed. Names are compared byte by byte.
  public func resolve(among peers: some Sequence<SelectablePeer>) throws(ControlError)
    -> SelectablePeer
  {
    let found: [SelectablePeer]
    switch self {
    case .permID(let permID): found = peers.filter { $0.permID == permID }
    case .overlay(let address): found = peers.filter { $0.address == address }
    case .alias(let address): found = peers.filter { $0.alias == address }
    case .name(let name):
      let holders = peers.filter { same($0.petname, name) }
      found =
        holders.isEmpty ? peers.filter { $0.petname == nil && same($0.ownName, name) } : holders
    }
    guard let first = found.first else { throw ControlError(.peerUnknown, description) }
    guard found.count == 1 else { throw ControlError(.peerAmbiguous, description) }
    return first
  }
}

/// Strings compare by canonical equivalence; the store holds names as bytes.
private func same(_ a: String?, _ b: String) -> Bool {
  a.map { $0.utf8.elementsEqual(b.utf8) } ?? false
}
