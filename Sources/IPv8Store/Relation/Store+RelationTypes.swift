import GRDB
import IPv8Wire

extension Store {
  /// The names of relation types: the design note's, and those registered here.
  public func relationTypes() throws(StoreError) -> RelationTypes {
    try read { try Self.relationTypes($0) }
  }

  /// Gives a relation type from 5 on a name. Registering again what is there changes nothing.
  public func registerRelationType(
    _ type: RelationType, name: String
  ) throws(StoreError) {
    try write { database in
      var types = try Self.relationTypes(database)
      do throws(RelationTypes.Refusal) { try types.register(type, name: name) } catch {
        throw StoreError.relationType(error)
      }
      try database.execute(
        sql: "INSERT OR IGNORE INTO rel_type VALUES(?, ?)",
        arguments: [Int64(type.rawValue), name])
    }
  }

  private static func relationTypes(_ database: Database) throws -> RelationTypes {
    var types = RelationTypes()
    let rows = try Row.fetchAll(
      database, sql: "SELECT rel_id, name FROM rel_type WHERE rel_id >= ? ORDER BY rel_id",
      arguments: [Int64(RelationType.firstRegistered.rawValue)])
    for row in rows { try types.register(RelationType(rawValue: row["rel_id"]), name: row["name"]) }
    return types
  }
}
