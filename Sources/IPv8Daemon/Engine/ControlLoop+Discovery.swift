import IPv8Node
import IPv8Platform
import IPv8Wire

extension ControlLoop {
  /// Takes what was announced in this host's networks, and tries what was found.
  mutating func hearAnnouncements(at now: Moment) {
    for found in local?.receive(at: now) ?? [] {
      node.discovered(found.index, at: found.endpoint, now: now, into: &actions)
    }
    carryOut(at: now)
  }

  /// Announces this host in the networks that it lies in now.
  mutating func enterNetworks(at now: Timestamp) {
    node.forgetNearby()
    local?.setNetworks(surroundings.localNetworks, at: now)
  }

  /// A packet waits for `index`, which may have come into our networks unheard.
  mutating func searchNetworks(for index: PeerIndex, at now: Timestamp) {
    if node.state(of: index) != .open { local?.search(at: now) }
  }
}
