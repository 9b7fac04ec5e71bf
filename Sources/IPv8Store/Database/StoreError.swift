import IPv8Wire

/// Why the store did not do what it was asked; the database is then as it was before.
public enum StoreError: Error, Equatable {
  /// The file at `path` is not an SQLite database, or one of another program.
  case notADatabase(path: String)
  case corrupt(path: String)
  /// Written by a later release of the product.
  case newerSchema(path: String, version: Int)
  /// The file or its directory cannot be opened or written.
  case unwritable(path: String)
  case diskFull(path: String)
  /// Another process holds the write lock and did not release it in time.
  case busy(path: String)
  /// Any other result of SQLite, by its extended code (sqlite.org/rescode.html).
  case failed(path: String, code: Int32)

  case nameInvalid(String)
  case nameTaken(String)
  case aliasTaken(IPv4Address)
  case tooManyEndpoints(limit: Int)
  case tooManyContacts(limit: Int)
  case relationType(RelationTypes.Refusal)
}
