import IPv8Sync
import IPv8Trust
import IPv8Wire

/// Whose records are worth having, as things stand.
struct Gate: Sendable {
  private let table: PeerTable
  private let trust: TrustView
  private let contacts: Set<PeerNumber>
  private let capacity: CapacityState
  private let limit: Int
  private let strangerLimit: Int

  init(_ directory: Directory) {
    table = directory.table
    trust = directory.trust
    contacts = directory.contacts
    capacity = directory.capacity
    limit = directory.settings.recordCapacity
    strangerLimit = max(1, directory.evictionOrder(capacity: limit).strangerShare)
  }

  /// Whether a record of the signer may be taken; nil: of one that is not known.
  ///
  /// A signer with records may replace them. Strangers share a twentieth of the rows. Near the table's
  /// end a new signer needs a better score than those that had to go.
  func hasRoom(for number: PeerNumber?) -> Bool {
    if let number {
      if number == TrustView.observer || contacts.contains(number) { return true }
      if table.rows[Int(number)].isSigner { return true }
      if trust.isReached(number) {
        return table.signerCount < limit - limit / 16 || trust.score(number) > capacity.floor
      }
    }
    return capacity.strangers < strangerLimit
  }

  /// Whether records of this signer are fetched.
  func wants(_ signer: PermID?, in scope: SyncScope) -> Bool {
    guard scope != .contradictions else { return true }
    let number = signer.flatMap { table[$0] }
    if let number, number != TrustView.observer {
      let flags = table.rows[Int(number)].flags
      if flags.contains(.blocked) { return false }
      if flags.contains(.deceitful), scope == .relations || !flags.contains(.contact) {
        return false
      }
    }
    return hasRoom(for: number)
  }

  func bytes(of id: RecordID, in scope: SyncScope) -> [UInt8]? { table.bytes(of: id, in: scope) }
}
