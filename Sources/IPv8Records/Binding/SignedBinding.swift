import IPv8Crypto
import IPv8Wire

/// A binding record whose signature is its owner's: the only form in which a peer's word counts.
public struct SignedBinding: Equatable, Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// Not the canonical bytes of a binding record.
    case malformed
    /// Not signed by the PermID it names.
    case forged
    /// More than 120 s ahead of this host's clock.
    case fromFuture
    /// Over its lifetime and ten minutes of grace.
    case expired
    /// An endpoint that no peer can have: unspecified, loopback, multicast, or in the overlay.
    case unusableEndpoint
  }

  /// Milliseconds that a record may be ahead of this host's clock.
  public static let futureLimit: UInt64 = 120_000
  /// Milliseconds that a record is believed after its lifetime.
  public static let expiryGrace: UInt64 = 600_000

  public let record: BindingRecord
  /// 64 bytes.
  public let signature: [UInt8]

  /// Signs `record` as its owner.
  public init(signing record: BindingRecord, with identity: IdentityKey) {
    precondition(record.permID == identity.permID, "an owner signs for itself")
    self.record = record
    signature = identity.sign(record.body, domain: .binding)
  }

  /// Checks body ‖ signature, as it travels.
  public init(verifying bytes: [UInt8], at now: WallTime) throws(Refusal) {
    guard bytes.count <= BindingRecord.byteLimit,
      let (record, count) = BindingRecord.parse(bytes.rawSpan),
      bytes.count == count + IdentityKey.signatureByteCount
    else { throw .malformed }
    guard record.timestamp.milliseconds <= now.milliseconds + Self.futureLimit else {
      throw .fromFuture
    }
    let end = record.timestamp.milliseconds + UInt64(record.lifetime) * 1_000
    guard end + Self.expiryGrace >= now.milliseconds else { throw .expired }
    guard [record.endpoint4, record.endpoint6].allSatisfy({ $0?.isUsable ?? true }) else {
      throw .unusableEndpoint
    }
    let signature = [UInt8](bytes[count...])
    guard record.permID.verifies(signature, over: [UInt8](bytes[..<count]), domain: .binding)
    else { throw .forged }
    self.record = record
    self.signature = signature
  }

  /// A record whose signature was checked before it was stored; nil where the two do not go together.
  public init?(stored record: BindingRecord, signature: [UInt8]) {
    guard signature.count == IdentityKey.signatureByteCount else { return nil }
    self.record = record
    self.signature = signature
  }

  /// Body ‖ signature.
  public var bytes: [UInt8] { record.body + signature }

  /// What the signature covers beside PermID, endpoints and timestamp, and the signature: the
  /// certificate column of the bindings table, from which the record can be made again.
  ///
  ///     flags(1) lifetime_s(4) nat(1) n(1) n × 14 [name length(1) name] signature(64)
  public var certificate: [UInt8] {
    var bytes: [UInt8] = [record.flags.rawValue]
    bytes.append(bigEndian: record.lifetime)
    let tail = BindingRecord.tailOffset(of: record)
    return bytes + record.body[tail...] + signature
  }

  public var endpoints: [Endpoint] { [record.endpoint4, record.endpoint6].compactMap { $0 } }
}

extension Endpoint {
  /// Whether a peer could be there: no unspecified, loopback, multicast or broadcast address, no
  /// overlay address, no port 0. The documentation and benchmark ranges count as any other.
  public var isUsable: Bool {
    guard port != 0, address.reach != .none else { return false }
    if case .v6(let address) = address { return !OverlayAddress.prefix.contains(address) }
    return true
  }

  /// Whether the address means the same host wherever it is used: not private (RFC 1918), shared
  /// (RFC 6598), link-local or unique local (RFC 4193).
  public var isGlobal: Bool { address.reach == .global }
}
