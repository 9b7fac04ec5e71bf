import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Crypto

/// docs/protocol/records.md, "Sealing".
@Suite("An AEAD key")
struct AEADKeyTests {
  struct Choice: Sendable, CustomStringConvertible {
    let suite: AEADSuite
    let backend: AEADBackend
    let oracle: OneShot
    var description: String { "\(suite) by \(backend.rawValue)" }

    static let present = [
      Choice(suite: .chaCha20Poly1305, backend: .sodium, oracle: .chaCha20Poly1305),
      Choice(suite: .aes256GCM, backend: .sodium, oracle: .aes256GCMBySodium),
      Choice(suite: .aes256GCM, backend: .ipsecMB, oracle: .aes256GCMByIPSecMB),
    ].filter(\.oracle.isPresent)

    /// Noise §12: four zero bytes and the counter, in the cipher's byte order.
    func nonce(_ counter: UInt64) -> [UInt8] {
      let big = (0..<8).map { UInt8(truncatingIfNeeded: counter >> UInt64(56 - 8 * $0)) }
      return [0, 0, 0, 0] + (suite == .aes256GCM ? big : big.reversed())
    }
  }

  private static func sealed(
    _ choice: Choice, _ key: SecretBytes, _ aad: [UInt8], _ text: [UInt8], _ counter: UInt64
  ) -> [UInt8] {
    let aeadKey = AEADKey(suite: choice.suite, key: key, backend: choice.backend)
    var datagram = aad + text + [UInt8](repeating: 0xee, count: 16)
    datagram.withMutableRawSpan { span in
      aeadKey.seal(&span, prefix: aad.count, counter: counter)
    }
    return datagram
  }

  private static let counters: [UInt64] = [
    0, 1, 255, 256, 1 << 30, 1 << 32 - 1, 1 << 32, 0x0102_0304_0506_0708, .max,
  ]

  @Test("seals in place as the one-shot function of its library does", arguments: Choice.present)
  func agreesWithOneShot(choice: Choice) {
    var random = TestRandom("AEADKey \(choice)")
    for round in 0..<600 {
      let length = round < 300 ? round : Int(random.next() % 9_000)
      let key = random.bytes(32)
      let aad = random.bytes(round % 5 == 0 ? Int(random.next() % 64) : 12)
      let text = random.bytes(length)
      let counter = round < Self.counters.count ? Self.counters[round] : random.next()
      let secret = SecretBytes(key)
      let datagram = Self.sealed(choice, secret, aad, text, counter)
      let expected = choice.oracle.seal(text, key: key, nonce: choice.nonce(counter), aad: aad)
      #expect(datagram == aad + expected, "\(length) bytes, counter \(counter)")
      #expect(
        choice.suite.encrypt(text.rawSpan, key: secret, counter: counter, aad: aad) == expected)
      #expect(
        choice.suite.decrypt(expected.rawSpan, key: secret, counter: counter, aad: aad) == text)
    }
  }

  @Test("opens what each backend of its suite sealed, to the same bytes")
  func backendsAgree() {
    var random = TestRandom("AEADKey between backends")
    for writer in Choice.present {
      for reader in Choice.present where reader.suite == writer.suite {
        for length in [0, 1, 15, 16, 17, 63, 64, 65, 1_279, 1_280, 1_500, 65_000] {
          let key = SecretBytes(random.bytes(32))
          let (aad, text, counter) = (random.bytes(12), random.bytes(length), random.next())
          var datagram = Self.sealed(writer, key, aad, text, counter)
          let readerKey = AEADKey(suite: reader.suite, key: key, backend: reader.backend)
          let opened = datagram.withMutableRawSpan { span in
            readerKey.open(&span, prefix: 12, counter: counter)
          }
          #expect(opened && Array(datagram.dropLast(16)) == aad + text)
        }
      }
    }
  }

  @Test(
    "opens nothing with a changed bit, another counter, or bytes missing",
    arguments: Choice.present)
  func refusals(choice: Choice) {
    var random = TestRandom("AEADKey refusals \(choice)")
    let key = SecretBytes(random.bytes(32))
    let aeadKey = AEADKey(suite: choice.suite, key: key, backend: choice.backend)
    func opens(_ datagram: [UInt8], _ counter: UInt64) -> Bool {
      var copy = datagram
      return copy.withMutableRawSpan { aeadKey.open(&$0, prefix: 12, counter: counter) }
    }
    for length in [0, 1, 40, 100] {
      let datagram = Self.sealed(choice, key, random.bytes(12), random.bytes(length), 77)
      #expect(opens(datagram, 77))
      #expect(!opens(datagram, 78))
      #expect(!opens(datagram, 77 | 1 << 32))
      for bit in 0..<(datagram.count * 8) {
        var changed = datagram
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        #expect(!opens(changed, 77), "bit \(bit)")
      }
      for count in 0..<datagram.count { #expect(!opens(Array(datagram.prefix(count)), 77)) }
    }
  }

  @Test("is chosen by both sides' offers, AES-256-GCM first")
  func offers() {
    let both: AEADOffer = [.chaCha20Poly1305, .aes256GCM]
    #expect(both.chosen(with: both) == .aes256GCM)
    #expect(both.chosen(with: .chaCha20Poly1305) == .chaCha20Poly1305)
    #expect(AEADOffer.chaCha20Poly1305.chosen(with: .aes256GCM) == nil)
    #expect(AEADOffer(rawValue: 0xff).chosen(with: both) == .aes256GCM)
    #expect(AEADOffer(rawValue: 4).chosen(with: AEADOffer(rawValue: 4)) == nil)
    for suite in AEADSuite.allCases {
      #expect(AEADOffer(rawValue: 1 << suite.rawValue).chosen(with: both) == suite)
    }
  }
}
