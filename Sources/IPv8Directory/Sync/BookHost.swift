import IPv8Sync
import IPv8Wire

/// What a session of one scope asks of the directory.
struct BookHost: SyncHost {
  let scope: SyncScope
  let gate: Gate
  /// The coarse times of bindings that may still stand.
  let times: ClosedRange<UInt32>

  init(_ scope: SyncScope, _ directory: Directory, at now: Moment) {
    self.scope = scope
    gate = Gate(directory)
    let time = RecordName.time(of: now.wall)
    // A binding is believed for a day and ten minutes at most; a clock may be two minutes ahead.
    times = (time < 1_361 ? 0 : time - 1_361)...time + 3
  }

  func summary(of record: [UInt8]) -> RecordSummary? { scope.summary(of: record) }

  func bytes(of id: RecordID) -> [UInt8]? { gate.bytes(of: id, in: scope) }

  func wants(signer: PermID?, name: RecordName) -> Bool {
    if scope == .hot || scope == .bindings, !times.contains(name.time) { return false }
    return gate.wants(signer, name, in: scope)
  }
}
