import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/handshake.md, "Noise".
@Suite("Noise")
struct NoiseVectorTests {
  struct Vector: Decodable {
    struct Message: Decodable {
      let payload: Hex
      let ciphertext: Hex
    }
    let protocol_name: String
    let init_prologue: Hex
    let init_psks: [Hex]?
    let init_static: Hex?
    let init_ephemeral: Hex
    let init_remote_static: Hex?
    let resp_prologue: Hex
    let resp_psks: [Hex]?
    let resp_static: Hex?
    let resp_ephemeral: Hex?
    let resp_remote_static: Hex?
    let handshake_hash: Hex?
    let messages: [Message]
  }

  struct File: Decodable {
    let vectors: [Vector]
  }

  @Test(
    "gives the messages, hashes and transport ciphertexts of the published vectors",
    arguments: [("noise_cacophony_25519.json", 72), ("noise_snow_25519.json", 18)])
  func vectors(file: String, count: Int) throws {
    let vectors = try VectorFile.json(file, as: File.self).vectors
    #expect(vectors.count == count)
    for vector in vectors { try check(vector) }
  }

  private func check(_ vector: Vector) throws {
    let name = vector.protocol_name
    var initiator = try handshake(vector, .initiator)
    var responder = try handshake(vector, .responder)
    var messages = vector.messages[...]
    while !initiator.isComplete {
      let next = messages.popFirst()
      let message = try #require(next)
      let written = try initiator.write(message.payload.bytes)
      #expect(written == message.ciphertext.bytes, "\(name)")
      let read = try responder.read(written)
      #expect(read == message.payload.bytes, "\(name)")
      swap(&initiator, &responder)
    }
    if let hash = vector.handshake_hash {
      #expect(initiator.handshakeHash == hash.bytes, "\(name)")
    }
    #expect(initiator.handshakeHash == responder.handshakeHash, "\(name)")
    #expect(!messages.isEmpty, "\(name)")
    try checkTransport(messages, writer: initiator, reader: responder, vector)
  }

  /// Transport messages go on alternating; in a one-way pattern the initiator writes all.
  private func checkTransport(
    _ messages: ArraySlice<Vector.Message>, writer: NoiseHandshake, reader: NoiseHandshake,
    _ vector: Vector
  ) throws {
    let parts = try Parts(vector.protocol_name)
    let oneWay = parts.pattern.messages.count == 1
    // After one message the roles have been swapped once.
    var sides = oneWay ? (reader.split(), writer.split()) : (writer.split(), reader.split())
    var counters: (UInt64, UInt64) = (0, 0)
    for message in messages {
      let text = message.payload.bytes
      let sealed = parts.suite.encrypt(
        text.rawSpan, key: sides.0.send, counter: counters.0, aad: [])
      #expect(sealed == message.ciphertext.bytes, "\(vector.protocol_name)")
      let opened = parts.suite.decrypt(
        sealed.rawSpan, key: sides.1.receive, counter: counters.0, aad: [])
      #expect(opened == text, "\(vector.protocol_name)")
      counters.0 += 1
      if !oneWay {
        sides = (sides.1, sides.0)
        counters = (counters.1, counters.0)
      }
    }
  }

  private struct Parts {
    let pattern: NoisePattern
    let suite: AEADSuite
    let hash: NoiseHash

    init(_ name: String) throws {
      let parts = name.split(separator: "_").map(String.init)
      try #require(parts.count == 5 && parts[0] == "Noise" && parts[2] == "25519")
      pattern = try #require(NoisePattern(named: parts[1]))
      suite = try #require(
        ["ChaChaPoly": AEADSuite.chaCha20Poly1305, "AESGCM": .aes256GCM][parts[3]])
      hash = try #require(
        ["BLAKE2b": NoiseHash.blake2b, "SHA256": .sha256, "SHA512": .sha512][parts[4]])
    }
  }

  private func handshake(_ vector: Vector, _ role: NoiseHandshake.Role) throws -> NoiseHandshake {
    let parts = try Parts(vector.protocol_name)
    func key(_ secret: Hex?) -> AgreementKey? {
      secret.map { AgreementKey(secret: SecretBytes($0.bytes)) }
    }
    let isInitiator = role == .initiator
    // The responder of a one-way pattern has no ephemeral key and never uses this one.
    let ephemeral = isInitiator ? vector.init_ephemeral : vector.resp_ephemeral
    return NoiseHandshake(
      pattern: parts.pattern, suite: parts.suite, hash: parts.hash, role: role,
      prologue: (isInitiator ? vector.init_prologue : vector.resp_prologue).bytes,
      localStatic: key(isInitiator ? vector.init_static : vector.resp_static),
      localEphemeral: try #require(key(ephemeral ?? vector.init_ephemeral)),
      remoteStatic: (isInitiator ? vector.init_remote_static : vector.resp_remote_static)?.bytes,
      psks: ((isInitiator ? vector.init_psks : vector.resp_psks) ?? []).map {
        SecretBytes($0.bytes)
      })
  }
}
