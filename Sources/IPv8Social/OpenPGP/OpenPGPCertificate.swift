import IPv8Wire

/// A key with what it says of itself (RFC 9580 §10.1): which of its keys may sign, and until when.
/// Signatures by others do not matter.
struct OpenPGPCertificate: Equatable {
  static let subkeyLimit = 32

  let primary: OpenPGPKey
  /// The keys that sign for it now; none of one that has expired or is revoked.
  private(set) var signers: [OpenPGPKey] = []
  private(set) var isRevoked = false

  /// - Parameters:
  ///   - packets: of one certificate, the primary key first.
  ///   - now: seconds since 1970.
  init?(_ packets: ArraySlice<OpenPGPPacket>, now: UInt64) {
    guard let first = packets.first, first.kind == .publicKey, let primary = OpenPGPKey(first)
    else { return nil }
    self.primary = primary
    var reader = Reader(primary: primary, now: now)
    for packet in packets.dropFirst() { reader.take(packet) }
    reader.endPart()
    isRevoked = reader.isRevoked
    // A key that certifies nothing of itself is bytes that anyone wrote.
    guard !isRevoked, let own = reader.latest, own.isAlive(primary, now) else { return }
    if own.maySign { signers.append(primary) }
    signers += reader.subkeys
  }

  /// All certificates in `bytes`, each nil where it is of another version; nil where they are none.
  static func all(_ bytes: [UInt8], now: UInt64) -> [OpenPGPCertificate?]? {
    guard let packets = OpenPGPPacket.all(bytes), packets.first?.kind == .publicKey else {
      return nil
    }
    let starts = packets.indices.filter { packets[$0].kind == .publicKey }
    return zip(starts, starts.dropFirst() + [packets.count]).map { start, end in
      OpenPGPCertificate(packets[start..<end], now: now)
    }
  }

  /// Throws unless one of its keys signed `document`.
  func verify(
    _ signature: OpenPGPSignature, over document: [UInt8], now: UInt64
  ) throws(ProofRefusal) {
    if isRevoked { throw .revoked }
    guard !signers.isEmpty else { throw .expired }
    guard !signature.subpackets.isCritical else { throw .unsupported("critical subpacket") }
    guard signers.contains(where: { signature.verifies(document, by: $0) }) else { throw .forged }
    let subpackets = signature.subpackets
    guard subpackets.created <= now + 120 else { throw .fromFuture }
    if let lifetime = subpackets.lifetime, subpackets.created + lifetime <= now { throw .expired }
  }
}

extension OpenPGPSubpackets {
  /// Whether `key` has not expired by what this signature over it says.
  fileprivate func isAlive(_ key: OpenPGPKey, _ now: UInt64) -> Bool {
    guard let keyLifetime else { return true }
    return key.created + keyLifetime > now
  }

  fileprivate var maySign: Bool { keyFlags.map { $0 & 2 != 0 } ?? true }

  fileprivate func counts(at now: UInt64) -> Bool {
    guard !isCritical, created <= now + 120 else { return false }
    return lifetime.map { created + $0 > now } ?? true
  }
}

/// Goes through a certificate's packets part by part: the primary key, user IDs, subkeys.
private struct Reader {
  private enum Part {
    case primary
    /// What is signed behind the key.
    case user([UInt8])
    case subkey(OpenPGPKey)
    case other
  }

  let primary: OpenPGPKey
  let now: UInt64
  /// The latest of what the key says of itself.
  private(set) var latest: OpenPGPSubpackets?
  private(set) var subkeys: [OpenPGPKey] = []
  private(set) var isRevoked = false
  private var part = Part.primary
  /// The latest of this part.
  private var found: OpenPGPSubpackets?
  private var isPartRevoked = false
  private var subkeyCount = 0

  init(primary: OpenPGPKey, now: UInt64) {
    self.primary = primary
    self.now = now
  }

  mutating func take(_ packet: OpenPGPPacket) {
    switch packet.kind {
    case .signature:
      if let signature = OpenPGPSignature(packet.body) { take(signature) }
    case .userID: begin(.user(Self.signed(0xb4, packet.body)))
    case .userAttribute: begin(.user(Self.signed(0xd1, packet.body)))
    case .publicSubkey:
      subkeyCount += 1
      let key = subkeyCount <= OpenPGPCertificate.subkeyLimit ? OpenPGPKey(packet) : nil
      begin(key.map { .subkey($0) } ?? .other)
    case .publicKey: begin(.other)
    // What is of no kind here, as trust packets, parts nothing.
    case nil: break
    }
  }

  private mutating func begin(_ next: Part) {
    endPart()
    (part, found, isPartRevoked) = (next, nil, false)
  }

  /// Takes into account what was found of the part that ends.
  mutating func endPart() {
    guard let found, !isPartRevoked else { return }
    switch part {
    case .primary, .user:
      if latest.map({ $0.created <= found.created }) ?? true { latest = found }
    case .subkey(let key):
      if found.maySign, found.keyFlags != nil, found.isAlive(key, now) { subkeys.append(key) }
    case .other: break
    }
    self.found = nil
  }

  private mutating func take(_ signature: OpenPGPSignature) {
    switch (part, signature.kind) {
    case (.primary, .directKey):
      note(signature, over: primary.hashed)
    case (.primary, .keyRevocation):
      if signature.verifies(primary.hashed, by: primary) { isRevoked = true }
    case (.user(let user), .genericCertification), (.user(let user), .personaCertification),
      (.user(let user), .casualCertification), (.user(let user), .positiveCertification):
      note(signature, over: primary.hashed + user)
    case (.user(let user), .certificationRevocation):
      if signature.verifies(primary.hashed + user, by: primary) { isPartRevoked = true }
    case (.subkey(let key), .subkeyBinding):
      let document = primary.hashed + key.hashed
      // The subkey agrees to belong to this key, lest someone claims another's.
      guard let back = signature.subpackets.embedded.flatMap({ OpenPGPSignature($0) }),
        back.kind == .primaryKeyBinding, back.subpackets.counts(at: now),
        back.verifies(document, by: key)
      else { return }
      note(signature, over: document)
    case (.subkey(let key), .subkeyRevocation):
      if signature.verifies(primary.hashed + key.hashed, by: primary) { isPartRevoked = true }
    default: break
    }
  }

  private mutating func note(_ signature: OpenPGPSignature, over document: [UInt8]) {
    let subpackets = signature.subpackets
    guard subpackets.counts(at: now), found.map({ $0.created <= subpackets.created }) ?? true,
      signature.verifies(document, by: primary)
    else { return }
    found = subpackets
  }

  private static func signed(_ mark: UInt8, _ body: [UInt8]) -> [UInt8] {
    var bytes = [mark]
    bytes.append(bigEndian: UInt32(clamping: body.count))
    return bytes + body
  }
}
