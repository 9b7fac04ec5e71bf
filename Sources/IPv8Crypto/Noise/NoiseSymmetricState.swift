import IPv8Wire

/// SymmetricState of the Noise framework (Noise §5.2) with its CipherState inside.
///
/// A value: a copy is a checkpoint, which is how a forged message leaves a handshake unharmed.
struct NoiseSymmetricState: Sendable {
  let suite: AEADSuite
  let hash: NoiseHash
  private(set) var handshakeHash: [UInt8]
  private var chainingKey: SecretBytes
  private var key: SecretBytes?
  private var nonce: UInt64 = 0

  init(protocolName: String, suite: AEADSuite, hash: NoiseHash) {
    self.suite = suite
    self.hash = hash
    var name = [UInt8](protocolName.utf8)
    if name.count <= hash.digestByteCount {
      name += [UInt8](repeating: 0, count: hash.digestByteCount - name.count)
    } else {
      let digest = hash.hash(name.rawSpan)
      name = digest.bytes.copyBytes()
    }
    handshakeHash = name
    chainingKey = SecretBytes(copying: name.rawSpan)
  }

  mutating func mixHash(_ data: [UInt8]) {
    let input = handshakeHash + data
    let digest = hash.hash(input.rawSpan)
    handshakeHash = digest.bytes.copyBytes()
  }

  mutating func mixKey(_ input: RawSpan) {
    let outputs = hash.expand(chainingKey: chainingKey.bytes, input: input, count: 2)
    chainingKey = outputs[0]
    setKey(outputs[1])
  }

  mutating func mixKeyAndHash(_ input: RawSpan) {
    let outputs = hash.expand(chainingKey: chainingKey.bytes, input: input, count: 3)
    chainingKey = outputs[0]
    let mixed = outputs[1]
    mixHash(mixed.bytes.copyBytes())
    setKey(outputs[2])
  }

  private mutating func setKey(_ output: SecretBytes) {
    key = SecretBytes(copying: output.bytes.extracting(0..<AEADSuite.keyByteCount))
    nonce = 0
  }

  mutating func encryptAndHash(_ plaintext: [UInt8]) -> [UInt8] {
    guard let key else {
      mixHash(plaintext)
      return plaintext
    }
    let ciphertext = suite.encrypt(
      plaintext.rawSpan, key: key, counter: nonce, aad: handshakeHash)
    nonce += 1
    mixHash(ciphertext)
    return ciphertext
  }

  mutating func decryptAndHash(_ ciphertext: [UInt8]) throws(NoiseError) -> [UInt8] {
    guard let key else {
      mixHash(ciphertext)
      return ciphertext
    }
    guard
      let plaintext = suite.decrypt(
        ciphertext.rawSpan, key: key, counter: nonce, aad: handshakeHash)
    else { throw .notAuthentic }
    nonce += 1
    mixHash(ciphertext)
    return plaintext
  }

  /// Bytes that encryption adds at this point of the handshake.
  var tagByteCount: Int { key == nil ? 0 : AEADSuite.tagByteCount }

  /// The transport keys: the initiator's sending key first (Noise §5.2 Split).
  func split() -> (SecretBytes, SecretBytes) {
    let empty = [UInt8]()
    let outputs = hash.expand(chainingKey: chainingKey.bytes, input: empty.rawSpan, count: 2)
    func truncated(_ output: SecretBytes) -> SecretBytes {
      SecretBytes(copying: output.bytes.extracting(0..<AEADSuite.keyByteCount))
    }
    return (truncated(outputs[0]), truncated(outputs[1]))
  }
}
