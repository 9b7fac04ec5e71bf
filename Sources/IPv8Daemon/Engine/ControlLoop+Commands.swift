import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Traversal
import IPv8Wire

extension ControlLoop {
  mutating func perform(_ command: EngineCommand, at now: Moment) {
    switch command {
    case .setContact(let contact, let alias): setContact(contact, alias: alias, at: now)
    case .removeContact(let permID):
      classes.removeAll(of: permID)
      guard let index = node.index(of: permID) else { return }
      local?.remove(permID)
      node.removeContact(index, at: now, into: &actions)
    case .setTold(let permID, let told):
      guard let index = node.index(of: permID), var contact = node.contact(index) else { return }
      contact.told = translated(told)
      _ = node.setContact(contact, at: now, into: &actions)
    case .status(let reply):
      let status = status(at: now.boot)
      if !lanes.all[0].transmit.post(.status(status, reply)) { reply.send(status) }
    case .ping(let permID, let deadline, let reply):
      let waiting = PingTable.Waiting(deadline: deadline, reply: reply)
      guard let index = node.index(of: permID),
        lanes.all[0].transmit.post(.ping(index, waiting))
      else {
        return reply.send(nil)
      }
    case .setServers(let servers):
      let translated = translated(servers)
      network.tell { observer, _ in observer.setServers(translated, at: now.boot) }
    case .nat64(let answers): takeNAT64(answers, at: now)
    case .story(let permID, let reply):
      reply.send(node.index(of: permID).flatMap { node.story(of: $0, at: now) })
    case .declare(let kind, let subject, let until, let reply):
      reply.send(declare(kind, subject, until: until))
    case .classes(let reply): reply.send(classes.entries)
    case .netcheck(let check, let servers): netcheck(check, asking: servers, at: now)
    case .records(let news): take(news, at: now)
    case .check: check(at: now)
    case .stop: stop()
    }
    carryOut(at: now)
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
    guard let index = node.setContact(translated(contact), at: now, into: &actions) else { return }
    let peer = LanePeer(
      address: OverlayAddress(of: contact.permID), alias: alias,
      wireAlias: AliasRange.wireAlias(of: contact.permID), keepOpen: contact.keepOpen)
    lanes.receive(.setPeer(index, peer))
    lanes.transmit(.setPeer(index, peer))
    declareAll(of: contact.permID)
    local?.add(contact.permID, index, at: now.boot)
    carryOut(at: now)
  }

  /// What this thread knows; the lanes add theirs.
  private func status(at now: Timestamp) -> EngineStatus {
    var status = EngineStatus(now: now)
    for index in node.contactIndices {
      guard let permID = node.contact(index)?.permID else { continue }
      status.peers[permID] = EngineStatus.Peer(
        index: index, state: node.state(of: index), kind: node.kind(of: index) ?? .added)
    }
    status.count(counters)
    return status
  }
}
