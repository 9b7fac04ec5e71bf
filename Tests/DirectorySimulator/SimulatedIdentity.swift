public import IPv8Crypto
public import IPv8Records
public import IPv8Wire

/// Keys and records of peers by number, the same in each run.
public enum SimulatedIdentity {
  /// The wall clock when a simulation begins.
  public static let start: UInt64 = 1_800_000_000_000

  public static func key(_ number: UInt64) -> IdentityKey {
    var random = SeededRandom(seed: number &* 0x9e37_79b9_7f4a_7c15 ^ 0x1d)
    let seed = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    return IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  /// What both of a pair know and nobody else.
  public static func secret(_ a: PermID, _ b: PermID) -> SecretBytes {
    let digest = BLAKE2b.hash(min(a, b).bytes + max(a, b).bytes, count: 32)
    return SecretBytes(copying: digest.rawSpan)
  }

  public static func binding(
    _ key: IdentityKey, at time: WallTime, lifetime: UInt32 = 86_400, port: UInt16 = 7_000
  ) -> SignedBinding {
    let address = IPv4Address(0xc633_6400 | UInt32(key.permID.bytes[0]))
    return SignedBinding(
      signing: BindingRecord(
        permID: key.permID, endpoint4: Endpoint(.v4(address), port: port), timestamp: time,
        lifetime: lifetime), with: key)
  }

  public static func relation(
    _ key: IdentityKey, to subject: PermID, at time: WallTime, strength: Int64 = 1_000_000,
    type: RelationType = .friend
  ) -> SignedRelation {
    SignedRelation(
      signing: RelationRecord(
        signer: key.permID, subject: subject, type: type, timestamp: time, strength: strength),
      with: key)
  }
}
