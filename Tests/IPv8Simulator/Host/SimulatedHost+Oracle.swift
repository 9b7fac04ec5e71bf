import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Wire
import P2TP

/// What stands for the tables of records in a simulation: it knows at once.
public struct SimulatedOracle {
  /// What a peer is to this host; nil for one that is blocked, or not added where nobody else is let in.
  public var kind: (PermID) -> PeerClass?
  /// Who has an address, and where it is.
  public var contact: (OverlayAddress) -> Contact?

  public init(
    kind: @escaping (PermID) -> PeerClass?,
    contact: @escaping (OverlayAddress) -> Contact? = { _ in nil }
  ) {
    self.kind = kind
    self.contact = contact
  }
}

extension SimulatedHost {
  /// An unknown peer called.
  func judge(_ permID: PermID, at now: Moment, _ network: inout SimulatedNetwork) {
    guard let oracle else { return }
    guard let kind = oracle.kind(permID) else {
      node.refuse(permID, .notAdded, at: now)
      return
    }
    _ = admit(
      oracle.contact(OverlayAddress(of: permID)) ?? Contact(permID: permID), as: kind, at: now,
      &network)
  }

  /// Packets wait for the peer at an address, or others name it.
  func seek(_ address: OverlayAddress, at now: Moment, _ network: inout SimulatedNetwork) {
    guard let oracle else { return }
    guard let contact = oracle.contact(address), let kind = oracle.kind(contact.permID),
      kind.isLetIn, let index = admit(contact, as: kind, at: now, &network)
    else {
      lane.refuseUnknown(address, at: now.boot, into: &output)
      return
    }
    var actions: [NodeAction] = []
    node.callUnlessOpen(index, at: now, into: &actions)
    carryOut(actions, at: now, &network)
  }

  /// Lets a peer in that the user did not add, or changes what it is.
  @discardableResult
  public func admit(
    _ contact: Contact, as kind: PeerClass, at now: Moment, _ network: inout SimulatedNetwork
  ) -> PeerIndex? {
    var actions: [NodeAction] = []
    let index = node.admit(contact, as: kind, at: now, into: &actions)
    carryOut(actions, at: now, &network)
    guard let index, let kind = node.kind(of: index) else { return nil }
    let alias = AliasRange.wireAlias(of: contact.permID)
    let peer = LanePeer(
      address: OverlayAddress(of: contact.permID), alias: nil, wireAlias: alias, keepOpen: false,
      isStranger: kind == .stranger)
    lane.setPeer(index, peer, at: now.boot, into: &output)
    return index
  }
}
