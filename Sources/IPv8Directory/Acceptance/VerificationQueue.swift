import IPv8Wire

/// How many signatures are checked, and the records that wait for it.
struct VerificationQueue: Sendable {
  struct Record: Sendable {
    let bytes: [UInt8]
    let source: RecordSource
  }

  private var records: [Record] = []
  private var head = 0
  private var all = TokenBucket(
    rate: DirectoryLimits.verifications, burst: DirectoryLimits.verifications)
  /// Of peers without a session.
  private var unlinked = TokenBucket(
    rate: DirectoryLimits.peerVerifications, burst: DirectoryLimits.peerVerificationBurst)

  var count: Int { records.count - head }

  mutating func take(at now: Timestamp) -> Bool { all.take(at: now) }

  mutating func takeUnlinked(at now: Timestamp) -> Bool { unlinked.take(at: now) }

  /// False where too many wait.
  mutating func append(_ bytes: [UInt8], from source: RecordSource) -> Bool {
    guard count < DirectoryLimits.waiting else { return false }
    records.append(Record(bytes: bytes, source: source))
    return true
  }

  mutating func next() -> Record? {
    guard head < records.count else { return nil }
    defer {
      head += 1
      if head == records.count {
        records = []
        head = 0
      }
    }
    return records[head]
  }
}
