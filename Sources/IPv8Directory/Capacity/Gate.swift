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
  private let allowance: SignerAllowance

  init(_ directory: Directory) {
    table = directory.table
    trust = directory.trust
    contacts = directory.contacts
    capacity = directory.capacity
    allowance = directory.settings.allowance
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
  func wants(_ signer: PermID?, _ record: RecordName, in scope: SyncScope) -> Bool {
    guard scope != .contradictions else { return true }
    let number = signer.flatMap { table[$0] }
    if let number, number != TrustView.observer {
      let flags = table.rows[Int(number)].flags
      if flags.contains(.blocked) { return false }
      if flags.contains(.deceitful), scope == .relations || !flags.contains(.contact) {
        return false
      }
      if scope == .relations, isBeyondAllowance(record, of: number) { return false }
    }
    return hasRoom(for: number)
  }

  /// Whether the signer has as many relations as it may have, all of them newer.
  private func isBeyondAllowance(_ record: RecordName, of number: PeerNumber) -> Bool {
    let relations = table.rows[Int(number)].relations
    guard relations.count >= allowance(number).relations else { return false }
    return relations.allSatisfy { RecordName.time(of: $0.timestamp) > record.time }
  }

  /// What the signer may make this host keep.
  func allowance(_ number: PeerNumber) -> SignerAllowance {
    var allowance = allowance
    let isFavoured =
      number == TrustView.observer || contacts.contains(number) || trust.isReached(number)
    if !isFavoured {
      allowance.relations = min(allowance.relations, DirectoryLimits.strangerRelations)
    }
    return allowance
  }

  func bytes(of id: RecordID, in scope: SyncScope) -> [UInt8]? { table.bytes(of: id, in: scope) }
}
