import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

extension Node {
  /// Takes a peer's own signed record.
  mutating func take(
    _ bytes: [UInt8], of index: PeerIndex, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let binding = try? SignedBinding(verifying: bytes, at: now.wall),
      binding.record.permID == peers[index]?.contact.permID
    else {
      counters.badRecord += 1
      return
    }
    if inquires { actions.append(.learned(binding)) }
    take(binding, of: index, into: &actions)
  }

  /// The latest word counts; a replayed one changes nothing.
  mutating func take(
    _ binding: SignedBinding, of index: PeerIndex, into actions: inout [NodeAction]
  ) {
    guard let peer = peers[index], binding.record.timestamp > peer.contact.signedAt else { return }
    peers[index]?.contact.signed = binding.endpoints
    peers[index]?.contact.signedAt = binding.record.timestamp
    peers[index]?.contact.rendezvous = binding.record.rendezvous
    peers[index]?.reach.nat = NATSummary(byte: binding.record.nat)
    forgetKnownEndpoints()
    if peer.kind == .added { actions.append(.store(.binding(binding))) }
  }
}
