import Foundation
import GRDB
import IPv8Records
import IPv8Wire

extension Store {
  /// Keeps relations that this machine signed; of two of one row the latest timestamp wins.
  public func putOwnRelations(_ relations: [SignedRelation]) throws(StoreError) {
    try write { database in
      for relation in relations {
        let record = relation.record
        try database.execute(
          sql: """
            INSERT INTO own_relation(signer, subject, rel_id, timestamp, strength, certificate)
            VALUES(?, ?, ?, ?, ?, ?)
            ON CONFLICT(signer, rel_id, subject) DO UPDATE SET timestamp = excluded.timestamp,
              strength = excluded.strength, certificate = excluded.certificate
            WHERE excluded.timestamp > own_relation.timestamp
            """,
          arguments: [
            record.signer.column, record.subject.column, Int64(record.type.rawValue),
            record.timestamp.column, record.strength, Data(relation.certificate),
          ])
      }
    }
  }

  /// The relations that `signer`, this machine, signed.
  public func ownRelations(of signer: PermID) throws(StoreError) -> [SignedRelation] {
    try read { database in
      let rows = try Row.fetchAll(
        database,
        sql: """
          SELECT subject, rel_id, timestamp, strength, certificate FROM own_relation
          WHERE signer = ? ORDER BY rel_id, subject
          """, arguments: [signer.column])
      return try rows.map { row in
        let certificate: Data = row["certificate"]
        let relation = SignedRelation(
          signer: signer, subject: try row.permID("subject"),
          type: RelationType(rawValue: row["rel_id"]),
          timestamp: row.wallTime("timestamp") ?? WallTime(milliseconds: 0),
          strength: row["strength"], certificate: certificate.bytes)
        guard let relation else { throw MalformedRow() }
        return relation
      }
    }
  }
}
