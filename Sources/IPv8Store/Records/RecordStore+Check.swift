import GRDB

extension RecordStore {
  /// Looks at all pages; false where one is damaged. Readers and writers go on meanwhile.
  public func check() throws(StoreError) -> Bool {
    do {
      return try read { try String.fetchOne($0, sql: "PRAGMA integrity_check(1)") == "ok" }
    } catch StoreError.corrupt { return false }
  }
}
