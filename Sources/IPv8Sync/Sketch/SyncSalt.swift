import IPv8Crypto
import IPv8Wire

/// The key of all hashes between two peers: secret to them, so that nobody else can look for
/// records whose hashes fall together. SipHash-2-4 with 128 bits of result.
public struct SyncSalt: Hashable, Sendable {
  private let k0: UInt64
  private let k1: UInt64

  init(k0: UInt64, k1: UInt64) {
    self.k0 = k0
    self.k1 = k1
  }

  /// - Parameter secret: that both peers share and nobody else has.
  public init(secret: SecretBytes) {
    let digest = BLAKE2b.hash(
      [], count: 16, key: secret, personal: Array("ipv8-sync-v1\0\0\0\0".utf8))
    let span = digest.rawSpan
    k0 = span.bigEndian(UInt64.self, at: 0).byteSwapped
    k1 = span.bigEndian(UInt64.self, at: 8).byteSwapped
  }

  /// What tells two salts apart and gives neither away.
  public var mark: UInt32 {
    var state = SipState(k0, k1)
    state.absorb(0)
    state.absorb(8 << 56)
    return UInt32(truncatingIfNeeded: state.finish().low)
  }

  /// Where the element's mapping begins (`low`), and what proves a sum to be an element (`high`).
  @inline(__always)
  func hash(_ element: SyncElement) -> (low: UInt64, high: UInt64) {
    let name = element.name.value
    var state = SipState(k0, k1)
    state.absorb(
      UInt64(element.tag.byteSwapped) | UInt64(UInt32(name >> 32).byteSwapped) << 32)
    state.absorb(UInt64(UInt32(truncatingIfNeeded: name).byteSwapped) | 12 << 56)
    return state.finish()
  }

  /// The tag of a signer: 12 bits of its PermID, by which it is looked up, and 20 of the hash.
  @inline(__always)
  func tag(_ signer: SignerKey) -> UInt32 {
    var state = SipState(k0, k1)
    state.absorb(signer.words.0)
    state.absorb(signer.words.1)
    state.absorb(signer.words.2)
    state.absorb(signer.words.3)
    state.absorb(32 << 56)
    return UInt32(signer.bucket) << 20
      | UInt32(truncatingIfNeeded: state.finish().low & 0xf_ffff)
  }

  /// 64 bits over a sum of record ids and their number.
  func fingerprint(_ sum: RecordSum) -> UInt64 {
    var state = SipState(k0, k1)
    state.absorb(UInt64(truncatingIfNeeded: sum.ids))
    state.absorb(UInt64(truncatingIfNeeded: sum.ids >> 64))
    state.absorb(UInt64(sum.count))
    state.absorb(24 << 56)
    return state.finish().low
  }
}

/// SipHash's four words; the message comes in little-endian words, the last with the length.
struct SipState {
  private var v0, v1, v2, v3: UInt64

  @inline(__always)
  init(_ k0: UInt64, _ k1: UInt64) {
    v0 = 0x736f_6d65_7073_6575 ^ k0
    v1 = 0x646f_7261_6e64_6f6d ^ k1 ^ 0xee
    v2 = 0x6c79_6765_6e65_7261 ^ k0
    v3 = 0x7465_6462_7974_6573 ^ k1
  }

  @inline(__always)
  private mutating func round() {
    v0 &+= v1
    v2 &+= v3
    v1 = v1 &<< 13 | v1 &>> 51
    v3 = v3 &<< 16 | v3 &>> 48
    v1 ^= v0
    v3 ^= v2
    v0 = v0 &<< 32 | v0 &>> 32
    v2 &+= v1
    v0 &+= v3
    v1 = v1 &<< 17 | v1 &>> 47
    v3 = v3 &<< 21 | v3 &>> 43
    v1 ^= v2
    v3 ^= v0
    v2 = v2 &<< 32 | v2 &>> 32
  }

  @inline(__always)
  mutating func absorb(_ word: UInt64) {
    v3 ^= word
    round()
    round()
    v0 ^= word
  }

  @inline(__always)
  mutating func finish() -> (low: UInt64, high: UInt64) {
    v2 ^= 0xee
    for _ in 0..<4 { round() }
    let low = v0 ^ v1 ^ v2 ^ v3
    v1 ^= 0xdd
    for _ in 0..<4 { round() }
    return (low, v0 ^ v1 ^ v2 ^ v3)
  }
}
