import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/identity.md.
@Suite("An identity")
struct IdentityKeyTests {
  struct Frozen: Decodable {
    struct Peer: Decodable {
      let seed: Hex
      let permID: Hex
      let overlay: String
    }
    let peers: [Peer]
  }

  private static func identity(_ seed: [UInt8]) -> IdentityKey {
    IdentityKey(seed: SecretBytes(seed))
  }

  @Test("has the PermID and the overlay address that an independent implementation froze")
  func frozen() throws {
    let peers = try VectorFile.json("frozen.json", as: Frozen.self).peers
    #expect(peers.count == 8)
    for peer in peers {
      let key = Self.identity(peer.seed.bytes)
      #expect(key.permID.bytes == peer.permID.bytes)
      #expect(key.seed.bytes.copyBytes() == peer.seed.bytes)
      #expect(OverlayAddress(of: key.permID).description == peer.overlay)
      #expect(OverlayAddress.prefix.contains(OverlayAddress(of: key.permID).address))
    }
  }

  @Test("signs within a domain: the same bytes without the tag do not verify")
  func domains() {
    let key = Self.identity([UInt8](repeating: 5, count: 32))
    let message = Array("message".utf8)
    let signature = key.sign(message, domain: .binding)
    #expect(key.permID.verifies(signature, over: message, domain: .binding))
    #expect(!key.permID.verifies(signature, overTagged: message))
    #expect(key.permID.verifies(signature, overTagged: SignatureDomain.binding.tag + message))
    #expect(SignatureDomain.binding.tag.count == 16)
  }

  @Test("and the one with the other sign bit share an agreement key but nothing else")
  func signFlip() throws {
    let key = Self.identity([UInt8](repeating: 6, count: 32))
    var flipped = key.permID.bytes
    flipped[31] ^= 0x80
    let other = try #require(PermID(flipped))
    #expect(other.agreementPublicKey == key.permID.agreementPublicKey)
    #expect(key.permID.agreementPublicKey == key.agreementKey.publicKey)
    #expect(OverlayAddress(of: other) != OverlayAddress(of: key.permID))
    let signature = key.sign([1], domain: .binding)
    #expect(!other.verifies(signature, over: [1], domain: .binding))
  }

  @Test("has no agreement key where the PermID is no point, or one of small order")
  func noPoint() throws {
    var zero = [UInt8](repeating: 0, count: 32)
    #expect(try #require(PermID(zero)).agreementPublicKey == nil)
    zero[0] = 1
    #expect(try #require(PermID(zero)).agreementPublicKey == nil)
    // y = 2 is on no point of the curve.
    zero[0] = 2
    #expect(try #require(PermID(zero)).agreementPublicKey == nil)
  }
}
