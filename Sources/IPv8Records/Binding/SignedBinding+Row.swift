import IPv8Crypto
import IPv8Wire

extension SignedBinding {
  /// Bytes of the shortest certificate.
  private static let certificateByteCount = 7 + IdentityKey.signatureByteCount

  /// Makes a record again from its row, as ``certificate`` put it there; nil where the certificate
  /// does not have that form. The signature was checked before the row was stored.
  public init?(
    permID: PermID, endpoint4: Endpoint?, endpoint6: Endpoint?, timestamp: WallTime,
    certificate: RawSpan
  ) {
    guard certificate.byteCount >= Self.certificateByteCount else { return nil }
    let tail = certificate.extracting(5..<(certificate.byteCount - IdentityKey.signatureByteCount))
    guard let rest = try? Self.parse(tail) else { return nil }
    let flags = BindingRecord.Flags(rawValue: certificate.bigEndian(UInt8.self, at: 0))
    let lifetime = certificate.bigEndian(UInt32.self, at: 1)
    var record = BindingRecord(
      permID: permID, endpoint4: endpoint4, endpoint6: endpoint6, timestamp: timestamp,
      lifetime: lifetime, nat: rest.nat, rendezvous: rest.rendezvous, name: rest.name)
    guard flags.isSuperset(of: record.flags),
      flags.contains(.hasIPv6) == (endpoint6 != nil), flags.contains(.hasName) == (rest.name != nil)
    else { return nil }
    record.flags = flags
    let signature = certificate.extracting(
      (certificate.byteCount - IdentityKey.signatureByteCount)..<certificate.byteCount)
    self.init(stored: record, signature: signature.copyBytes())
  }

  /// The fields behind the lifetime.
  private static func parse(
    _ tail: RawSpan
  ) throws(Truncated) -> (nat: UInt8, rendezvous: [OverlayAddress], name: String?) {
    var reader = ByteReader(tail)
    let nat = try reader.integer(UInt8.self)
    let count = try reader.integer(UInt8.self)
    guard count <= BindingRecord.rendezvousLimit else { throw Truncated() }
    var rendezvous: [OverlayAddress] = []
    for _ in 0..<count {
      var value: UInt128 = 0xfde8 << 112
      value |= UInt128(try reader.integer(UInt64.self)) << 48
      value |= UInt128(try reader.integer(UInt32.self)) << 16
      value |= UInt128(try reader.integer(UInt16.self))
      guard let address = OverlayAddress(IPv6Address(value)) else { throw Truncated() }
      rendezvous.append(address)
    }
    guard reader.remaining > 0 else { return (nat, rendezvous, nil) }
    let name = String(
      validating: try reader.array(Int(try reader.integer(UInt8.self))), as: UTF8.self)
    guard let name, !name.isEmpty, reader.remaining == 0 else { throw Truncated() }
    return (nat, rendezvous, name)
  }
}

extension SignedRelation {
  /// Makes a record again from its row, as ``certificate`` put it there; nil where the certificate
  /// does not have that form. The signatures were checked before the row was stored.
  public init?(
    signer: PermID, subject: PermID, type: RelationType, timestamp: WallTime, strength: Int64,
    certificate: RawSpan
  ) {
    guard certificate.byteCount > 0 else { return nil }
    let record = RelationRecord(
      signer: signer, subject: subject, type: type, timestamp: timestamp, strength: strength,
      flags: RelationRecord.Flags(rawValue: certificate.bigEndian(UInt8.self, at: 0)))
    self.init(
      stored: record, signatures: certificate.extracting(1..<certificate.byteCount).copyBytes())
  }
}
