import IPv8Crypto
public import IPv8Records
import IPv8Sync
import IPv8Wire

/// Stored records with what the directory keeps of them. To make it is much of the work of loading, and
/// can be done on any thread.
public struct PreparedRecords: Sendable {
  struct Binding: Sendable {
    let summary: RecordSummary
    /// Body ‖ signature.
    let bytes: [UInt8]
    let timestamp: WallTime
    let expiry: WallTime
    /// ``PeerTable/key(_:)`` of the peer's address.
    let key: UInt64

    init(_ binding: SignedBinding) {
      let record = binding.record
      let body = record.body
      summary = RecordSummary(record, body: body)
      bytes = body + binding.signature
      timestamp = record.timestamp
      expiry = record.expiry
      key = PeerTable.key(OverlayAddress(of: record.permID))
    }
  }

  enum Content: Sendable {
    case bindings([Binding])
    case relations([SignedRelation])
    case contradictions([Contradiction])
  }

  let content: Content

  public init(_ records: LoadedRecords) {
    content =
      switch records {
      case .bindings(let bindings): .bindings(bindings.map { Binding($0) })
      case .relations(let relations): .relations(relations)
      case .contradictions(let proofs): .contradictions(proofs)
      }
  }
}
