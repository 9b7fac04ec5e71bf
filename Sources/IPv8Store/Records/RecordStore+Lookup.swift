import Foundation
import GRDB
import IPv8Records
import IPv8Wire

extension RecordStore {
  /// What is known of where `permID` is.
  public func binding(of permID: PermID) throws(StoreError) -> SignedBinding? {
    try binding(.permID(permID), where: "perm_id = ?", permID.column)
  }

  /// The binding of whoever has `address` on the overlay.
  public func binding(at address: OverlayAddress) throws(StoreError) -> SignedBinding? {
    try binding(.address(address), where: "addr = ?", address.column)
  }

  private func binding(
    _ key: RecordCache.Key, where condition: String, _ value: Data
  ) throws(StoreError) -> SignedBinding? {
    let (answer, version) = cache.look(up: key)
    if let answer { return answer }
    let binding = try read { database in
      let statement = try database.cachedStatement(
        sql: "SELECT \(BindingRow.columns) FROM id_peer JOIN binding USING(id) WHERE \(condition)")
      let rows = try Row.fetchCursor(statement, arguments: [value])
      // A row is the cursor's: read while that lives.
      return try withExtendedLifetime(rows) {
        try rows.next().flatMap { try BindingRow.binding($0) }
      }
    }
    cache.keep(binding, under: key, readAt: version)
    return binding
  }
}
