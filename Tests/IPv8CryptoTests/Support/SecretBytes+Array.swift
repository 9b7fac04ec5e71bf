import IPv8Crypto
import IPv8Wire

extension SecretBytes {
  convenience init(_ bytes: [UInt8], guarded: Bool = false) {
    self.init(copying: bytes.rawSpan, guarded: guarded)
  }
}
