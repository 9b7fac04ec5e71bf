import IPv8Records
import IPv8Wire

/// What the directory wants done.
public enum DirectoryOutput: Equatable, Sendable {
  /// A control frame of kind ``IPv8Wire/ControlFrame/Kind/sync``, `query` or `answer` for a peer that
  /// is connected.
  case send(PermID, ControlFrame)
  /// Changes of the tables, in their order; all were verified.
  case store([RecordChange])
  /// A newer binding, or another standing of a peer that is connected or was named: look again.
  case changed(PermID)
  /// What ``Directory/resolve(_:at:)`` found; nil: nobody knows.
  case resolved(OverlayAddress, PermID?)
}

/// Where a record came from.
public enum RecordSource: Equatable, Sendable {
  /// This host signed it.
  case own
  case peer(PermID)
  /// The user imports it.
  case file
}

/// What became of a record.
public enum RecordVerdict: Equatable, Sendable {
  case accepted
  /// It is in the table already.
  case known
  /// A newer one of its row is in the table.
  case older
  /// It waits: for its signature to be checked, or, our own, for the next change that others take.
  case deferred
  /// It and the one in the table prove that their signer deceives.
  case contradiction
  case refused(RecordRefusal)
}

/// Why a record was refused.
public enum RecordRefusal: String, Sendable, CaseIterable {
  /// Not the canonical bytes of a record.
  case malformed
  /// A signature is missing or not the signer's.
  case forged
  /// More than 120 s ahead of this host's clock.
  case fromFuture
  case expired
  case unusableEndpoint
  /// Of a peer that the user blocked, or that was proved to deceive.
  case blocked
  /// The table is full of better ones.
  case full
  /// The signer has as many as it may have, and these are newer.
  case allowance
  /// The signer changes its binding too often.
  case tooOften
  /// Too many wait for their signatures to be checked.
  case busy
}
