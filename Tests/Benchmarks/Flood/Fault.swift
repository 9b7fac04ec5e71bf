import IPv8Wire

/// What is wrong with the records of a hostile peer.
enum Fault: String, CaseIterable {
  /// Signatures that are not their signers'.
  case forged
  /// One signer, whose records are right, and ever newer.
  case newer
  /// Ahead of all clocks.
  case skewed
  case expired
  case malformed
  /// Two records of one row that say different things at one time.
  case contradictory
}

/// A record as it travels, and what synchronisation is told of it.
struct WrongRecord {
  let bytes: [UInt8]
  /// Said to be of this signer, in this slot, at this time; what is in the bytes where that can be read.
  let signer: PermID
  let slot: [UInt8]
  let timestamp: WallTime
  /// Without signatures.
  let body: [UInt8]
}
