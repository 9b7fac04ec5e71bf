import IPv8Records
import IPv8Wire

/// Keeps what this machine signed in the address book, too, which is never thrown away.
public struct OwnRecords: Sendable {
  private let permID: PermID
  private let store: Store

  public init(of permID: PermID, in store: Store) {
    self.permID = permID
    self.store = store
  }

  func apply(_ changes: [RecordChange]) throws(StoreError) {
    let relations = changes.compactMap { change -> SignedRelation? in
      guard case .relation(let relation) = change, relation.record.signer == permID else {
        return nil
      }
      return relation
    }
    if !relations.isEmpty { try store.putOwnRelations(relations) }
  }
}
