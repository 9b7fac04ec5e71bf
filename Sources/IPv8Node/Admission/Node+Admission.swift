import IPv8Crypto
import IPv8Records
import IPv8Wire
import P2TP

/// Peers that the user did not add (docs/protocol/admission.md).
///
/// Rules:
/// - a call of an unknown peer is not answered; somebody else is asked about it, and its next call finds
///   the verdict;
/// - who is let in without having been added is a transient contact: of more than there is room for,
///   those without a session leave first, then the one unused longest;
/// - a stranger has a place while there is one; one that has been there for a minute makes room.
extension Node {
  /// Transient contacts.
  public static let transientLimit = 1_024
  public static let strangerLimit = 64
  /// A stranger keeps its place so long at least.
  static let strangerTime = Interval.seconds(60)

  /// Lets a peer in, or takes it as a stranger; or gives one that is known already another class. The
  /// user's contacts stay what they are. Nil where there is no room.
  public mutating func admit(
    _ contact: Contact, as kind: PeerClass, at now: Moment, into actions: inout [NodeAction]
  ) -> PeerIndex? {
    inquiries.admitted(contact.permID)
    if let index = indices[contact.permID] {
      if let known = peers[index]?.kind, known != .added, known != kind, kind != .added {
        guard makeRoom(for: kind, at: now, into: &actions) else { return nil }
        peers[index]?.kind = kind
        forgetKnownEndpoints()
      }
      return index
    }
    guard kind != .added, makeRoom(for: kind, at: now, into: &actions) else {
      if kind == .stranger { refused(contact.permID, .strangers, into: &actions) }
      return nil
    }
    return insert(contact, as: kind, at: now)
  }

  /// A peer that somebody was asked about is not to be answered.
  public mutating func refuse(
    _ permID: PermID, _ reason: AdmissionRefusal, at now: Moment
  ) {
    inquiries.refused(permID, reason, at: now.boot)
  }

  /// Another rule is in force: who was refused is judged anew.
  public mutating func forgetRefusals() { inquiries.forgetRefusals() }

  /// The same for one peer.
  public mutating func forgetRefusal(of permID: PermID) { inquiries.admitted(permID) }

  public func kind(of index: PeerIndex) -> PeerClass? { peers[index]?.kind }

  /// Peers that the user did not add, the first known first.
  public var uninvited: [PeerIndex] {
    sortedPeers.filter { peers[$0]?.kind != .added }
  }

  /// A newer word of a peer, by way of others, which may be faster than the peer's own frame; one that
  /// is being called is called there, too.
  public mutating func learn(
    _ binding: SignedBinding, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard let index = indices[binding.record.permID] else { return }
    let before = peers[index]?.contact.signed
    take(binding, of: index, into: &actions)
    guard peers[index]?.contact.signed != before else { return }
    noticeMove(of: index, at: now)
    if wantsSession(index) { call(index, at: now, into: &actions) }
  }

  // MARK: Callers

  /// Has somebody asked about an unknown caller. False where it is known to be unwelcome.
  ///
  /// - Parameter source: where it called from; nil where a peer told of it.
  @discardableResult
  mutating func inquire(
    _ permID: PermID, from source: IPAddress?, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    guard inquires else { return false }
    switch inquiries.take(permID, from: source, at: now.boot) {
    case .ask:
      counters.inquiries += 1
      actions.append(.inquire(permID))
      return true
    case .waiting: return true
    case .refused(let reason):
      refused(permID, reason, into: &actions)
      return false
    }
  }

  private mutating func refused(
    _ permID: PermID, _ reason: AdmissionRefusal, into actions: inout [NodeAction]
  ) {
    counters.refusals[reason, default: 0] += 1
    actions.append(.refused(permID, reason))
  }

  // MARK: Room

  /// Whether one more of the class may be had; ends another if need be.
  private mutating func makeRoom(
    for kind: PeerClass, at now: Moment, into actions: inout [NodeAction]
  ) -> Bool {
    let rivals = peers.filter { ($0.value.kind == .stranger) == (kind == .stranger) }
      .filter { $0.value.kind != .added }
    guard rivals.count >= (kind == .stranger ? Self.strangerLimit : Self.transientLimit) else {
      return true
    }
    func rank(_ peer: NodePeer) -> (Int, Timestamp) {
      (peer.association.isOpen ? 1 : 0, peer.usedAt)
    }
    let last = rivals.min {
      let (one, two) = (rank($0.value), rank($1.value))
      return (one.0, one.1, $0.key.value) < (two.0, two.1, $1.key.value)
    }
    guard let last else { return false }
    if kind == .stranger, last.value.association.isOpen,
      now.boot - last.value.metAt < Self.strangerTime
    {
      return false
    }
    counters.evicted += 1
    removeContact(last.key, at: now, into: &actions)
    return true
  }
}
