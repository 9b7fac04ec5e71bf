import CSodium
import IPv8Crypto
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/introductions.md, "Sealing"; libsodium's own `crypto_box_seal` is the oracle.
@Suite("A sealed box")
struct SealedBoxTests {
  private static func key(_ random: inout TestRandom) -> AgreementKey {
    let bytes = random.bytes(32)
    return AgreementKey(secret: SecretBytes(copying: bytes.rawSpan))
  }

  @Test("is opened by libsodium, and opens what libsodium sealed")
  func interoperates() throws {
    var random = TestRandom("SealedBoxTests")
    for count in [0, 1, 100, 700] {
      let message = random.bytes(count)
      let (recipient, ephemeral) = (Self.key(&random), Self.key(&random))
      let sealed = try #require(
        SealedBox.seal(message, to: recipient.publicKey, ephemeral: ephemeral))
      #expect(sealed.count == count + SealedBox.overheadByteCount)
      #expect(SealedBox.open(sealed, with: recipient) == message)
      let secret = recipient.secret.bytes.copyBytes()
      var opened = [UInt8](repeating: 0, count: count)
      #expect(
        crypto_box_seal_open(
          &opened, sealed, UInt64(sealed.count), recipient.publicKey, secret) == 0)
      #expect(opened == message)
      var theirs = [UInt8](repeating: 0, count: count + SealedBox.overheadByteCount)
      #expect(crypto_box_seal(&theirs, message, UInt64(count), recipient.publicKey) == 0)
      #expect(SealedBox.open(theirs, with: recipient) == message)
    }
  }

  @Test("opens for nobody else, nor with any bit changed or any byte missing")
  func resists() throws {
    var random = TestRandom("SealedBoxTests resists")
    let (recipient, ephemeral) = (Self.key(&random), Self.key(&random))
    let sealed = try #require(
      SealedBox.seal([1, 2, 3], to: recipient.publicKey, ephemeral: ephemeral))
    #expect(SealedBox.open(sealed, with: ephemeral) == nil)
    for bit in 0..<(sealed.count * 8) {
      // X25519 ignores the top bit of a point (RFC 7748 §5), but the nonce is made of it.
      var changed = sealed
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(SealedBox.open(changed, with: recipient) == nil, "bit \(bit)")
    }
    for count in 0..<sealed.count {
      #expect(SealedBox.open([UInt8](sealed.prefix(count)), with: recipient) == nil)
    }
  }

  @Test("is not made for a point of small order")
  func smallOrder() {
    var random = TestRandom("SealedBoxTests smallOrder")
    let zero = [UInt8](repeating: 0, count: 32)
    #expect(SealedBox.seal([1], to: zero, ephemeral: Self.key(&random)) == nil)
  }
}
