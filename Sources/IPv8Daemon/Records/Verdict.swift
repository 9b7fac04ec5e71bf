import IPv8Directory
import IPv8Node
import IPv8Records
import IPv8Wire

/// What the tables of records say of one peer.
struct Verdict: Sendable {
  enum Answer: Sendable, Equatable {
    case letIn(PeerClass)
    case refused(AdmissionRefusal)
  }

  let permID: PermID
  let answer: Answer
  let binding: SignedBinding?

  /// The peer as the node is to know it.
  var contact: Contact {
    Contact(
      permID: permID, signed: binding?.endpoints ?? [],
      signedAt: binding?.record.timestamp ?? WallTime(milliseconds: 0),
      rendezvous: binding?.record.rendezvous ?? [])
  }
}

extension Verdict.Answer {
  init(_ standing: Standing, _ policy: AdmissionPolicy) {
    self =
      switch (standing, policy) {
      case (.own, _): .refused(.notAdded)
      case (.blocked, _): .refused(.blocked)
      case (.added, _): .letIn(.added)
      case (_, .added): .refused(.notAdded)
      case (.trusted, _): .letIn(.trusted)
      case (.stranger, .trusted): .letIn(.stranger)
      case (.stranger, .anyone): .letIn(.guest)
      }
  }
}

/// What the records thread tells the control thread.
enum RecordsNews: Sendable {
  /// An unknown caller was asked about.
  case judged(Verdict)
  /// A peer's standing or binding is another one.
  case changed(Verdict)
  /// Who has an address; nil: nobody knows.
  case resolved(OverlayAddress, Verdict?)
  /// Another admission policy is in force.
  case policyChanged
  /// Peers have a record of ours that is as late as this.
  case ownBinding(WallTime)
}
