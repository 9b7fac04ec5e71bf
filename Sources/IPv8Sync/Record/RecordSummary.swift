import IPv8Crypto
public import IPv8Wire

/// 128 bits that tell a record's canonical bytes from all others.
public struct RecordID: Hashable, Sendable {
  public let high: UInt64
  public let low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// BLAKE2b-128 of the canonical bytes without their signatures: whoever signs twice makes no
  /// second record.
  public init(body: [UInt8]) {
    let digest = BLAKE2b.hash(body, count: 16)
    high = digest.rawSpan.bigEndian(UInt64.self, at: 0)
    low = digest.rawSpan.bigEndian(UInt64.self, at: 8)
  }
}

/// All that synchronisation knows of a record; the rest is opaque bytes.
public struct RecordSummary: Equatable, Sendable {
  public let id: RecordID
  public let signer: PermID
  public let name: RecordName

  /// - Parameters:
  ///   - slot: what a newer record replaces this one in: the kind, and the key within it beside
  ///     the signer.
  ///   - body: the canonical bytes without their signatures.
  public init(signer: PermID, slot: [UInt8], timestamp: WallTime, body: [UInt8]) {
    let id = RecordID(body: body)
    let place = BLAKE2b.hash(signer.bytes + slot, count: 16)
    self.init(
      id: id, signer: signer,
      name: RecordName(
        time: RecordName.time(of: timestamp), slot: place.rawSpan.bigEndian(UInt16.self, at: 0),
        version: UInt32(truncatingIfNeeded: id.low)))
  }

  public init(id: RecordID, signer: PermID, name: RecordName) {
    self.id = id
    self.signer = signer
    self.name = name
  }
}
