import IPv8Control
import IPv8Crypto
import IPv8Store
import IPv8Wire

extension Store {
  /// Does what a user asked of the contact `permID`.
  ///
  /// - Parameter own: this machine's PermID, which is nobody's contact; nil before it has one.
  func apply(
    _ addition: PeerAddition, to permID: PermID, own: PermID?, now: WallTime
  ) throws(ControlError) -> StoredContact {
    guard permID != own else { throw ControlError(.peerIsSelf, "\(permID)") }
    guard permID.agreementPublicKey != nil else {
      throw ControlError(.permIDMalformed, "\(permID)")
    }
    var endpoints: [ToldAddress] = []
    for text in addition.endpoints {
      guard let endpoint = ToldAddress(text: text) else {
        throw ControlError(.endpointMalformed, text)
      }
      endpoints.append(endpoint)
    }
    do throws(StoreError) {
      return try addContact(
        permID, address: OverlayAddress(of: permID), name: addition.name, endpoints: endpoints,
        keepOpen: addition.keepOpen, now: now)
    } catch { throw ControlError(error) }
  }
}

extension PeerReport {
  /// A contact without a session.
  init(_ contact: StoredContact, binding: StoredBinding?) {
    self.init(
      permID: "\(contact.permID)", name: contact.name ?? "", address6: "\(contact.address)",
      address4: contact.alias.map { "\($0.address)" },
      endpoints: contact.endpoints.map(\.description), binding: binding.map(BindingReport.init),
      keepOpen: contact.keepOpen)
  }
}

extension BindingReport {
  init(_ binding: StoredBinding) {
    self.init(
      endpoints: binding.endpoints.map(\.description),
      timestampMilliseconds: Int(clamping: binding.timestamp.milliseconds),
      signed: binding.isSigned)
  }
}

extension SelectablePeer {
  init(_ contact: StoredContact, ownName: String? = nil) {
    self.init(
      permID: contact.permID, address: contact.address, alias: contact.alias?.address,
      petname: contact.name, ownName: ownName)
  }
}
