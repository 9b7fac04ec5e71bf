import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/handshake.md, "Noise".
@Suite("A Noise handshake as P2TP uses it")
struct NoiseForgeryTests {
  private static func key(_ byte: UInt8) -> AgreementKey {
    AgreementKey(secret: SecretBytes([UInt8](repeating: byte, count: 32)))
  }

  private static let psk = SecretBytes([UInt8](repeating: 9, count: 32))

  private static func pair(
    prologues: (String, String) = ("p", "p"), psks: (SecretBytes, SecretBytes) = (psk, psk)
  ) -> (NoiseHandshake, NoiseHandshake) {
    let responder = key(2)
    return (
      NoiseHandshake(
        pattern: .ikPSK2, role: .initiator, prologue: Array(prologues.0.utf8),
        localStatic: key(1), localEphemeral: key(3), remoteStatic: responder.publicKey,
        psks: [psks.0]),
      NoiseHandshake(
        pattern: .ikPSK2, role: .responder, prologue: Array(prologues.1.utf8),
        localStatic: responder, localEphemeral: key(4), psks: [psks.1])
    )
  }

  @Test("refuses each message with any one bit changed or any byte missing")
  func mutations() throws {
    var (initiator, responder) = Self.pair()
    let message1 = try initiator.write(Array("hello".utf8))
    try Self.expectRefused(message1, by: responder)
    #expect(try responder.read(message1) == Array("hello".utf8))
    #expect(responder.remoteStatic == Self.key(1).publicKey)
    let message2 = try responder.write(Array("there".utf8))
    try Self.expectRefused(message2, by: initiator)
    #expect(try initiator.read(message2) == Array("there".utf8))
    #expect(initiator.isComplete && responder.isComplete)
  }

  private static func expectRefused(_ message: [UInt8], by reader: NoiseHandshake) throws {
    for bit in 0..<(message.count * 8) {
      // X25519 ignores the top bit of a point; the transcript's hash does not.
      var changed = message
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      var copy = reader
      #expect(throws: NoiseError.notAuthentic, "bit \(bit)") { _ = try copy.read(changed) }
    }
    for count in 0..<message.count {
      var copy = reader
      #expect(throws: NoiseError.self, "\(count) bytes") {
        _ = try copy.read(Array(message.prefix(count)))
      }
    }
  }

  @Test("fails between sides whose prologues differ, at the first message")
  func prologue() throws {
    var (initiator, responder) = Self.pair(prologues: ("p", "q"))
    let message = try initiator.write([])
    #expect(throws: NoiseError.notAuthentic) { _ = try responder.read(message) }
  }

  @Test("fails between sides whose psks differ, at the second message")
  func psk() throws {
    let other = SecretBytes([UInt8](repeating: 8, count: 32))
    var (initiator, responder) = Self.pair(psks: (Self.psk, other))
    _ = try responder.read(try initiator.write([]))
    let message = try responder.write([])
    #expect(throws: NoiseError.notAuthentic) { _ = try initiator.read(message) }
  }

  @Test("refuses an ephemeral key of small order")
  func smallOrder() throws {
    var (initiator, responder) = Self.pair()
    var message = try initiator.write([])
    message.replaceSubrange(0..<32, with: [UInt8](repeating: 0, count: 32))
    #expect(throws: NoiseError.notAuthentic) { _ = try responder.read(message) }
  }
}
