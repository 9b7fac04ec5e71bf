import IPv8Wire

/// Decides which of a peer's records are fetched (docs/protocol/sync.md, What is fetched).
struct SyncChoice: Sendable {
  let salt: SyncSalt
  let floor: UInt32

  /// Of elements that this host lacks those to fetch. What is declined counts as known from now on.
  func choose(
    _ elements: [SyncElement], book: inout SyncBook, host: some SyncHost, now: Moment,
    report: inout SyncReport
  ) -> [SyncElement] {
    guard !elements.isEmpty else { return [] }
    let signers = book.table.signers.signers(of: Set(elements.map(\.tag)), salt: salt)
    var wanted: [SyncElement] = []
    var declined: [SyncElement] = []
    for element in elements {
      guard !book.table.isDeclined(element, salt: salt, floor: floor) else { continue }
      let signer = signers[element.tag]
      if !host.wants(signer: signer, name: element.name) {
        declined.append(element)
      } else if book.budgets.take(signer, at: now.boot) {
        wanted.append(element)
      } else {
        report.deferred += 1
      }
    }
    report.declined += declined.count
    book.table.decline(declined, salt: salt, floor: floor, at: now.wall)
    return wanted
  }
}
