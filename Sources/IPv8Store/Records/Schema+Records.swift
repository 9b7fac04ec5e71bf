extension Schema {
  /// "IP8R": what others signed. Its pages are looked at while the rows are loaded.
  static let records = Schema(applicationID: 0x4950_3852, checksPages: false, steps: recordSteps)

  private static let recordSteps = [
    """
    CREATE TABLE id_peer(
      id INTEGER PRIMARY KEY,
      perm_id BLOB NOT NULL UNIQUE CHECK(length(perm_id) = 32),
      addr BLOB NOT NULL UNIQUE CHECK(length(addr) = 14)) STRICT;

    -- One row per peer. ipv4 0 and ipv6 NULL: no such endpoint. `sum` is over the PermID and all
    -- columns (RowSum).
    CREATE TABLE binding(
      id INTEGER PRIMARY KEY REFERENCES id_peer(id),
      ipv4 INTEGER NOT NULL CHECK(ipv4 BETWEEN 0 AND 4294967295),
      port INTEGER NOT NULL CHECK(port BETWEEN 0 AND 65535),
      ipv6 BLOB CHECK(length(ipv6) = 16),
      port6 INTEGER NOT NULL CHECK(port6 BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      certificate BLOB NOT NULL,
      sum INTEGER NOT NULL) STRICT;
    CREATE INDEX binding_timestamp ON binding(timestamp);

    CREATE TABLE relation(
      id_1 INTEGER NOT NULL REFERENCES id_peer(id),
      id_2 INTEGER NOT NULL REFERENCES id_peer(id),
      rel_id INTEGER NOT NULL CHECK(rel_id BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      strength INTEGER NOT NULL,
      certificate BLOB NOT NULL,
      sum INTEGER NOT NULL,
      PRIMARY KEY(id_1, rel_id, id_2)) STRICT, WITHOUT ROWID;
    CREATE INDEX relation_reverse ON relation(id_2, rel_id);

    -- Proofs that ID_1 contradicted itself: both records, signatures and all.
    CREATE TABLE fraud(
      id_1 INTEGER NOT NULL REFERENCES id_peer(id),
      id_2 INTEGER NOT NULL REFERENCES id_peer(id),
      rel_id INTEGER NOT NULL CHECK(rel_id BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      proof BLOB NOT NULL,
      sum INTEGER NOT NULL,
      PRIMARY KEY(id_1, rel_id, id_2, timestamp)) STRICT, WITHOUT ROWID;
    CREATE INDEX fraud_reverse ON fraud(id_2);

    -- Whether the last process that wrote here came to its end.
    CREATE TABLE condition(
      id INTEGER PRIMARY KEY CHECK(id = 0),
      is_closed INTEGER NOT NULL CHECK(is_closed IN (0, 1))) STRICT;
    INSERT INTO condition VALUES(0, 1);
    """
  ]
}
