import IPv8Crypto
import IPv8Wire

/// A public key packet of version 4 (RFC 9580 §5.5.2.2).
struct OpenPGPKey: Equatable {
  /// EdDSALegacy on Ed25519, and Ed25519.
  static let algorithms: [UInt8] = [22, 27]
  private static let ed25519OID: [UInt8] = [0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1]

  /// Seconds since 1970.
  let created: UInt64
  /// Nil where it is of another algorithm.
  let key: ForeignEd25519Key?
  private let body: [UInt8]

  /// Nil where it is no key of version 4.
  init?(_ packet: OpenPGPPacket) {
    var reader = ByteReader(packet.body.rawSpan)
    guard let version = try? reader.integer(UInt8.self), version == 4,
      let created = try? reader.integer(UInt32.self),
      let algorithm = try? reader.integer(UInt8.self), packet.body.count <= 0xffff
    else { return nil }
    self.created = UInt64(created)
    body = packet.body
    switch algorithm {
    case 22: key = (try? Self.legacyKey(&reader)).flatMap { ForeignEd25519Key($0) }
    case 27 where reader.remaining == 32:
      key = (try? reader.array(32)).flatMap { ForeignEd25519Key($0) }
    default: key = nil
    }
  }

  /// The point behind the curve's name and the mark of its native form.
  private static func legacyKey(_ reader: inout ByteReader) throws(Truncated) -> [UInt8] {
    let count = Int(try reader.integer(UInt8.self))
    guard try reader.array(count) == ed25519OID else { throw Truncated() }
    let point = try reader.mpi()
    guard point.count == 33, point[0] == 0x40, reader.remaining == 0 else { throw Truncated() }
    return Array(point.dropFirst())
  }

  /// What signatures over this key begin with (RFC 9580 §5.2.4).
  var hashed: [UInt8] {
    var bytes: [UInt8] = [0x99]
    bytes.append(bigEndian: UInt16(body.count))
    return bytes + body
  }

  /// 20 bytes. It names the key; that the key is the right one is seen from all of it.
  var fingerprint: [UInt8] { SHA1.hash(hashed) }

  /// As in `openpgp4fpr:`.
  var fingerprintText: String {
    fingerprint.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
