import IPv8Crypto
import IPv8Wire

/// An SSH key of type `ssh-ed25519` (RFC 8709).
struct SSHPublicKey: Hashable, Sendable {
  static let type = Array("ssh-ed25519".utf8)

  let key: ForeignEd25519Key

  init(_ key: ForeignEd25519Key) { self.key = key }

  /// From its blob: string type, string key. Nil for other types.
  init?(blob: [UInt8]) {
    var reader = ByteReader(blob.rawSpan)
    guard let type = try? reader.sshString(), type == Self.type,
      let bytes = try? reader.sshString(), reader.remaining == 0,
      let key = ForeignEd25519Key(bytes)
    else { return nil }
    self.key = key
  }

  var blob: [UInt8] { Self.type.sshString + key.bytes.sshString }

  /// As `ssh-keygen -l` writes it: `SHA256:` and unpadded base64.
  var fingerprint: String {
    "SHA256:" + String(Base64.encode(SHA2.sha256(blob)).prefix { $0 != "=" })
  }
}

extension ByteReader {
  /// A string of SSH (RFC 4251 §5): its length in four bytes, then itself.
  mutating func sshString() throws(Truncated) -> [UInt8] {
    let count = Int(try integer(UInt32.self))
    return try array(count)
  }
}

extension [UInt8] {
  /// As a string of SSH.
  var sshString: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt32(clamping: count))
    return bytes + self
  }
}
