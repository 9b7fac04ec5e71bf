extension Schema {
  /// "IPv8": what the local user told and what this machine is.
  static let book = Schema(applicationID: 0x4950_7638, checksPages: true, steps: bookSteps)

  private static let bookSteps = [
    """
    CREATE TABLE id_peer(
      id INTEGER PRIMARY KEY,
      perm_id BLOB NOT NULL UNIQUE CHECK(length(perm_id) = 32),
      addr BLOB NOT NULL UNIQUE CHECK(length(addr) = 14),
      first_seen INTEGER NOT NULL,
      hs_time INTEGER NOT NULL DEFAULT 0) STRICT;

    -- One row per peer. ipv4 0 and ipv6 NULL: no such endpoint. An empty certificate: told by the
    -- local user, unsigned.
    CREATE TABLE binding(
      id INTEGER PRIMARY KEY REFERENCES id_peer(id) ON DELETE CASCADE,
      ipv4 INTEGER NOT NULL CHECK(ipv4 BETWEEN 0 AND 4294967295),
      port INTEGER NOT NULL CHECK(port BETWEEN 0 AND 65535),
      ipv6 BLOB CHECK(length(ipv6) = 16),
      port6 INTEGER NOT NULL CHECK(port6 BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      certificate BLOB NOT NULL) STRICT;
    CREATE INDEX binding_timestamp ON binding(timestamp);

    CREATE TABLE contact(
      id INTEGER PRIMARY KEY REFERENCES id_peer(id) ON DELETE CASCADE,
      name TEXT UNIQUE,
      added INTEGER NOT NULL,
      keep_open INTEGER NOT NULL CHECK(keep_open IN (0, 1)),
      alias_index INTEGER,
      alias4 INTEGER UNIQUE CHECK(alias4 BETWEEN 0 AND 4294967295),
      seen_ipv4 INTEGER CHECK(seen_ipv4 BETWEEN 0 AND 4294967295),
      seen_port INTEGER CHECK(seen_port BETWEEN 0 AND 65535),
      seen_ipv6 BLOB CHECK(length(seen_ipv6) = 16),
      seen_port6 INTEGER CHECK(seen_port6 BETWEEN 0 AND 65535),
      last_open INTEGER) STRICT;

    CREATE TABLE told_endpoint(
      id INTEGER NOT NULL REFERENCES contact(id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      host TEXT NOT NULL,
      port INTEGER NOT NULL CHECK(port BETWEEN 1 AND 65535),
      PRIMARY KEY(id, position)) STRICT, WITHOUT ROWID;

    CREATE TABLE setting(
      key TEXT PRIMARY KEY,
      value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    """,
    """
    -- How long the NATs of networks keep mappings, in seconds; NULL: not known. A row is replaced as
    -- a whole.
    CREATE TABLE network(
      identity BLOB PRIMARY KEY,
      measured INTEGER NOT NULL,
      unreplied_alive INTEGER,
      unreplied_dead INTEGER,
      established_alive INTEGER,
      established_dead INTEGER,
      absolute INTEGER) STRICT, WITHOUT ROWID;
    """,
    // An HTTPS address beside those for UDP.
    """
    ALTER TABLE told_endpoint
      ADD COLUMN is_stream INTEGER NOT NULL DEFAULT 0 CHECK(is_stream IN (0, 1));
    """,
    """
    -- Names of relation types that were registered here, beside the design note's 0 to 4.
    CREATE TABLE rel_type(
      rel_id INTEGER PRIMARY KEY CHECK(rel_id BETWEEN 0 AND 65535),
      name TEXT NOT NULL UNIQUE CHECK(length(CAST(name AS BLOB)) BETWEEN 1 AND 64)) STRICT;
    INSERT INTO rel_type VALUES(0, 'Peer Traffic Exchange'), (1, 'Similar Taste relation'),
      (2, 'Voted as a moderator'), (3, 'Facebook Friend'), (4, 'n e w');

    -- The relations that this machine signed: its user's word, wherever else they are kept.
    CREATE TABLE own_relation(
      signer BLOB NOT NULL CHECK(length(signer) = 32),
      subject BLOB NOT NULL CHECK(length(subject) = 32),
      rel_id INTEGER NOT NULL CHECK(rel_id BETWEEN 0 AND 65535),
      timestamp INTEGER NOT NULL,
      strength INTEGER NOT NULL,
      certificate BLOB NOT NULL,
      PRIMARY KEY(signer, rel_id, subject)) STRICT, WITHOUT ROWID;
    """,
  ]
}
