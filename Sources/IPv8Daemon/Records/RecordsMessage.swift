import IPv8Directory
import IPv8Node
import IPv8Records
import IPv8Wire

/// What others tell and ask the records thread.
enum RecordsMessage: Sendable {
  /// A control frame of a peer with an open session.
  case frame(PermID, ControlFrame)
  case connected(PermID, PeerIndex)
  case disconnected(PermID)
  /// What a peer told of itself.
  case learned(SignedBinding)
  /// What this host signed of itself.
  case own(SignedBinding)
  /// An unknown peer called.
  case inquire(PermID)
  /// Packets wait for who has this address, or another peer names it.
  case resolve(OverlayAddress)
  case setContact(PermID, Bool)
  case block(PermID, Bool)
  /// Relations that this host signed.
  case signed([SignedRelation])
  /// A record that the user imports.
  case offer([UInt8], Reply<RecordVerdict>)
  case setPolicy(AdmissionPolicy)
  case policy(Reply<AdmissionPolicy>)
  case owner(OverlayAddress, Reply<PermID?>)
  case explain(PermID, Reply<TrustExplanation?>)
  case paths(PermID, count: Int, Reply<[NamedFriendshipPath]>)
  case summary(Reply<RecordsSummary>)
  case stop
}

/// The tables at one moment.
struct RecordsSummary: Sendable {
  let policy: AdmissionPolicy
  let size: DirectorySize
  let counters: [(name: String, value: UInt64)]
}

typealias RecordsInbox = Inbox<RecordsMessage>

extension RecordsInbox {
  /// Messages that wait; of what peers cause, an eighth.
  static let messageLimit = 16_384

  /// Posts a question and waits for the answer; nil where it was refused.
  func ask<Value: Sendable>(
    _ make: (Reply<Value>) -> RecordsMessage
  ) async -> Value? {
    await withCheckedContinuation { (continuation: CheckedContinuation<Value?, Never>) in
      let reply = Reply<Value> { continuation.resume(returning: $0) }
      if !post(make(reply)) { continuation.resume(returning: nil) }
    }
  }
}
