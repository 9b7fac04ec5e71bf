import IPv8Crypto
import IPv8Records
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/binding.md.
@Suite("A signed binding")
struct SignedBindingTests {
  private static func identity(_ seed: [UInt8]) -> IdentityKey {
    IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  private static let owner = identity([UInt8](repeating: 1, count: 32))
  private static let now = WallTime(milliseconds: 1_700_000_000_000)

  private static func record(
    at timestamp: UInt64 = now.milliseconds, endpoint4: String = "203.0.113.7",
    endpoint6: String? = nil, lifetime: UInt32 = 86_400, name: String? = nil
  ) throws -> BindingRecord {
    BindingRecord(
      permID: owner.permID,
      endpoint4: Endpoint(try #require(IPAddress(text: endpoint4)), port: 41_641),
      endpoint6: try endpoint6.map { Endpoint(try #require(IPAddress(text: $0)), port: 9) },
      timestamp: WallTime(milliseconds: timestamp), lifetime: lifetime, name: name)
  }

  private static func refusal(
    _ bytes: [UInt8], at now: WallTime = now
  ) -> SignedBinding.Refusal? {
    do throws(SignedBinding.Refusal) {
      _ = try SignedBinding(verifying: bytes, at: now)
      return nil
    } catch {
      return error
    }
  }

  @Test("verifies as it was signed, and names its endpoints")
  func roundTrip() throws {
    let record = try Self.record(endpoint6: "2001:db8::1", name: "ana")
    let signed = SignedBinding(signing: record, with: Self.owner)
    let verified = try SignedBinding(verifying: signed.bytes, at: Self.now)
    #expect(verified == signed && verified.record == record)
    #expect(verified.bytes == record.body + verified.signature)
    #expect(
      verified.endpoints.map(\.description) == ["203.0.113.7:41641", "[2001:db8::1]:9"])
  }

  struct Frozen: Decodable {
    struct Peer: Decodable { let seed: Hex }
    let peers: [Peer]
    let bindings: [Hex]
  }

  @Test("has the bytes and signature that an independent implementation froze")
  func frozen() throws {
    let frozen = try VectorFile.json("frozen.json", as: Frozen.self)
    #expect(frozen.bindings.count == 4)
    for (peer, binding) in zip(frozen.peers, frozen.bindings) {
      let verified = try SignedBinding(verifying: binding.bytes, at: Self.now)
      let owner = Self.identity(peer.seed.bytes)
      #expect(SignedBinding(signing: verified.record, with: owner).bytes == binding.bytes)
    }
  }

  @Test("is refused with any one bit changed")
  func bitFlips() throws {
    let record = try Self.record(endpoint6: "2001:db8::1", name: "ana")
    let bytes = SignedBinding(signing: record, with: Self.owner).bytes
    for bit in 0..<(bytes.count * 8) {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(Self.refusal(changed) != nil, "bit \(bit)")
    }
  }

  @Test("is malformed with bytes missing, with bytes behind it, or beyond the length limit")
  func lengths() throws {
    let bytes = SignedBinding(signing: try Self.record(name: "ana"), with: Self.owner).bytes
    for count in 0..<bytes.count {
      #expect(Self.refusal(Array(bytes.prefix(count))) == .malformed)
    }
    #expect(Self.refusal(bytes + [0]) == .malformed)
    let long = bytes + [UInt8](repeating: 0, count: BindingRecord.byteLimit)
    #expect(Self.refusal(long) == .malformed)
  }

  @Test("is forged when another signed it, the one with the flipped sign bit included")
  func forgeries() throws {
    let bytes = SignedBinding(signing: try Self.record(), with: Self.owner).bytes
    let stranger = Self.identity([UInt8](repeating: 2, count: 32))
    let body = Array(bytes.dropLast(64))
    #expect(Self.refusal(body + stranger.sign(body, domain: .binding)) == .forged)
    var flipped = body
    flipped[2 + 31] ^= 0x80
    #expect(Self.refusal(flipped + bytes.suffix(64)) == .forged)
    #expect(Self.refusal(flipped + Self.owner.sign(flipped, domain: .binding)) == .forged)
  }

  @Test("may be 120 s ahead of the reader's clock and no more")
  func future() throws {
    let limit = Self.now.milliseconds + 120_000
    let atLimit = SignedBinding(signing: try Self.record(at: limit), with: Self.owner).bytes
    #expect(Self.refusal(atLimit) == nil)
    for timestamp in [limit + 1, .max - 86_400_000, .max] {
      let bytes = SignedBinding(signing: try Self.record(at: timestamp), with: Self.owner).bytes
      #expect(Self.refusal(bytes) == .fromFuture)
    }
  }

  @Test("is believed for its lifetime and ten minutes more")
  func expiry() throws {
    for lifetime: UInt32 in [0, 60, 86_400] {
      let timestamp = Self.now.milliseconds - UInt64(lifetime) * 1_000 - 600_000
      let last = SignedBinding(
        signing: try Self.record(at: timestamp, lifetime: lifetime), with: Self.owner
      ).bytes
      #expect(Self.refusal(last) == nil)
      let past = SignedBinding(
        signing: try Self.record(at: timestamp - 1, lifetime: lifetime), with: Self.owner
      ).bytes
      #expect(Self.refusal(past) == .expired)
    }
    let first = SignedBinding(signing: try Self.record(at: 0), with: Self.owner).bytes
    #expect(Self.refusal(first) == .expired)
  }

  @Test(
    "is refused with an endpoint that no peer can have",
    arguments: [
      ("0.0.0.1", nil), ("127.0.0.1", nil), ("224.0.0.1", nil), ("255.255.255.255", nil),
      ("203.0.113.1", "::1"), ("203.0.113.1", "ff02::1"), ("203.0.113.1", "fde8::5"),
      ("203.0.113.1", "::ffff:203.0.113.1"), ("203.0.113.1", "::"),
    ])
  func unusable(endpoint4: String, endpoint6: String?) throws {
    let record = try Self.record(endpoint4: endpoint4, endpoint6: endpoint6)
    let bytes = SignedBinding(signing: record, with: Self.owner).bytes
    #expect(Self.refusal(bytes) == .unusableEndpoint)
  }
}
