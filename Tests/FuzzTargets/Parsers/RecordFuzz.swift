import IPv8Records
import IPv8Wire

enum RecordFuzz {
  static func binding(_ bytes: [UInt8]) {
    if let (record, count) = BindingRecord.parse(bytes.rawSpan) {
      precondition(record.body == [UInt8](bytes[..<count]), "a record has one form")
      for endpoint in [record.endpoint4, record.endpoint6].compactMap({ $0 }) {
        _ = (endpoint.isUsable, endpoint.isGlobal)
      }
    }
    let now = WallTime(milliseconds: 1_700_000_000_000)
    if let signed = try? SignedBinding(verifying: bytes, at: now) {
      precondition(signed.bytes == bytes, "a signed record has one form")
    }
  }
}
