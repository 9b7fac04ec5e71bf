import IPv8Crypto
import IPv8Records
import IPv8Wire

/// Records of a population, the same for the same seed.
struct Sample {
  private let seed: UInt64
  static let start: UInt64 = 1_760_000_000_000

  init(seed: UInt64) { self.seed = seed }

  /// Any 32 bytes: the store takes what was verified.
  func permID(_ number: Int) -> PermID {
    var random = SeededRandom(seed: seed &+ UInt64(number) &* 2 + 1)
    var bytes: [UInt8] = []
    for _ in 0..<4 { bytes.append(bigEndian: random.next()) }
    guard let permID = PermID(bytes) else { leave("32 bytes make a PermID") }
    return permID
  }

  /// The binding of the `number`th peer, `version` milliseconds after its first; of real size, with a
  /// signature of chance.
  func binding(_ number: Int, version: Int = 0) -> SignedBinding {
    let record = record(number, of: permID(number), version: version)
    guard let signed = SignedBinding(stored: record, signature: bytes(number ^ version, 64)) else {
      leave("64 bytes make a signature")
    }
    return signed
  }

  /// As above, signed.
  func signedBinding(_ number: Int) -> SignedBinding {
    let identity = IdentityKey(seed: SecretBytes(copying: bytes(number, 32).rawSpan))
    return SignedBinding(signing: record(number, of: identity.permID, version: 0), with: identity)
  }

  /// A relation of the `number`th peer to one of `count`.
  func relation(_ number: Int, of count: Int) -> SignedRelation {
    var random = SeededRandom(seed: seed ^ UInt64(number) << 20)
    let signer = number % count
    let step = 1 + Int(random.next() % UInt64(count - 1))
    let record = RelationRecord(
      signer: permID(signer), subject: permID((signer + step) % count), type: .friend,
      timestamp: WallTime(milliseconds: Self.start + UInt64(number)), strength: 500_000)
    guard let signed = SignedRelation(stored: record, signatures: bytes(number, 64)) else {
      leave("64 bytes make a signature")
    }
    return signed
  }

  /// A third with both families and a name, all with a rendezvous peer.
  private func record(_ number: Int, of permID: PermID, version: Int) -> BindingRecord {
    var random = SeededRandom(seed: seed ^ UInt64(number))
    let endpoint4 = Endpoint(
      .v4(IPv4Address(0x0b00_0000 | UInt32(truncatingIfNeeded: random.next() >> 44))),
      port: 1_024 + UInt16(truncatingIfNeeded: random.next() >> 50))
    let isLarge = number % 3 == 0
    let endpoint6 = Endpoint(
      .v6(IPv6Address(high: 0x2a01_0000_0000_0000 | random.next() >> 16, low: random.next())),
      port: 41_641)
    return BindingRecord(
      permID: permID, endpoint4: endpoint4, endpoint6: isLarge ? endpoint6 : nil,
      timestamp: WallTime(milliseconds: Self.start + random.next() % 86_400_000 + UInt64(version)),
      nat: 1, rendezvous: [OverlayAddress(of: permID)], name: isLarge ? "peer-\(number)" : nil)
  }

  private func bytes(_ number: Int, _ count: Int) -> [UInt8] {
    var random = SeededRandom(seed: ~seed &- UInt64(number))
    var bytes: [UInt8] = []
    while bytes.count < count { bytes.append(bigEndian: random.next()) }
    return bytes
  }
}
