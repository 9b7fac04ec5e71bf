import IPv8Records
import IPv8Wire

enum RecordFuzz {
  private static let now = WallTime(milliseconds: 1_700_000_000_000)

  static func binding(_ bytes: [UInt8]) {
    if let (record, count) = BindingRecord.parse(bytes.rawSpan) {
      precondition(record.body == [UInt8](bytes[..<count]), "a record has one form")
      for endpoint in [record.endpoint4, record.endpoint6].compactMap({ $0 }) {
        _ = (endpoint.isUsable, endpoint.isGlobal)
      }
    }
    if let signed = try? SignedBinding(verifying: bytes, at: now) {
      precondition(signed.bytes == bytes, "a signed record has one form")
    }
  }

  static func relation(_ bytes: [UInt8]) {
    if let record = RelationRecord.parse(bytes.rawSpan) {
      let body = [UInt8](bytes[..<RelationRecord.bodyByteCount])
      precondition(record.body == body, "a record has one form")
      _ = (record.isRevocation, record.succession(to: record))
    }
    if let signed = try? SignedRelation(verifying: bytes, at: now) {
      precondition(signed.bytes == bytes, "a signed record has one form")
    }
    if let proof = Contradiction(verifying: bytes) {
      precondition(proof.bytes == bytes, "a proof has one form")
    }
  }
}
