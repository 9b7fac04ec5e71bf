import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Platform
import IPv8Wire

extension Engine {
  mutating func perform(_ command: EngineCommand, at now: Moment) {
    switch command {
    case .setContact(let contact, let alias): setContact(contact, alias: alias, at: now)
    case .removeContact(let permID):
      guard let index = node.index(of: permID) else { return }
      node.removeContact(index, at: now, into: &actions)
      carryOut(at: now)
      lane.removePeer(index)
    case .setTold(let permID, let told):
      guard let index = node.index(of: permID), var contact = node.contact(index) else { return }
      contact.told = told
      _ = node.setContact(contact, at: now, into: &actions)
    case .status(let reply): reply.send(status(at: now.boot))
    case .ping(let permID, let deadline, let reply):
      guard let index = node.index(of: permID) else { return reply.send(nil) }
      ping(index, PingTable.Waiting(deadline: deadline, reply: reply), at: now)
    case .stop: stop()
    }
    settle(at: now)
  }

  private mutating func setContact(_ contact: Contact, alias: IPv4Address?, at now: Moment) {
    var contact = contact
    if let index = node.index(of: contact.permID), let known = node.contact(index) {
      // What sessions have taught since is newer than what the store gave.
      contact.seen = known.seen ?? contact.seen
      if known.signedAt > contact.signedAt {
        (contact.signed, contact.signedAt) = (known.signed, known.signedAt)
      }
    }
    guard let index = node.setContact(contact, at: now, into: &actions) else { return }
    lane.setPeer(
      index,
      LanePeer(
        address: OverlayAddress(of: contact.permID), alias: alias,
        wireAlias: AliasRange.wireAlias(of: contact.permID), keepOpen: contact.keepOpen))
    carryOut(at: now)
  }

  /// Sends a challenge on the open session, or opens one first.
  mutating func ping(_ index: PeerIndex, _ waiting: PingTable.Waiting, at now: Moment) {
    if let token = lane.challenge(index, at: now.boot, into: &output) {
      pings.sent(token, waiting)
      return
    }
    pings.wait(for: index, waiting)
    node.callUnlessOpen(index, at: now, into: &actions)
  }

  private func status(at now: Timestamp) -> EngineStatus {
    var peers: [PermID: EngineStatus.Peer] = [:]
    for index in node.contactIndices {
      guard let permID = node.contact(index)?.permID else { continue }
      peers[permID] = EngineStatus.Peer(state: node.state(of: index), path: lane.report(index))
    }
    let offload = offload
    return EngineStatus(
      now: now, udpGSO: offload.gso, udpGRO: offload.gro, tunOffload: offload.tun.names,
      counters: counters(), peers: peers)
  }
}
