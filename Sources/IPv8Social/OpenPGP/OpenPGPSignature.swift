import IPv8Crypto
import IPv8Wire

/// A signature packet of version 4 by an Ed25519 key over SHA-256 or SHA-512 (RFC 9580 §5.2.3).
struct OpenPGPSignature: Equatable {
  enum Kind: UInt8 {
    case binary = 0x00
    case text = 0x01
    case genericCertification = 0x10
    case personaCertification = 0x11
    case casualCertification = 0x12
    case positiveCertification = 0x13
    case subkeyBinding = 0x18
    case primaryKeyBinding = 0x19
    case directKey = 0x1f
    case keyRevocation = 0x20
    case subkeyRevocation = 0x28
    case certificationRevocation = 0x30
  }

  let kind: Kind
  let subpackets: OpenPGPSubpackets
  private let algorithm: UInt8
  private let hash: UInt8
  private let hashedArea: [UInt8]
  /// The digest's first two bytes, which find a wrong key fast.
  private let check: [UInt8]
  private let signature: [UInt8]

  /// Nil where it is malformed or of other kinds.
  init?(_ body: [UInt8]) {
    guard let signature = try? Self.read(body) else { return nil }
    self = signature
  }

  private init(
    kind: Kind, subpackets: OpenPGPSubpackets, algorithm: UInt8, hash: UInt8,
    hashedArea: [UInt8], check: [UInt8], signature: [UInt8]
  ) {
    self.kind = kind
    self.subpackets = subpackets
    self.algorithm = algorithm
    self.hash = hash
    self.hashedArea = hashedArea
    self.check = check
    self.signature = signature
  }

  private static func read(_ body: [UInt8]) throws(Truncated) -> OpenPGPSignature {
    var reader = ByteReader(body.rawSpan)
    guard try reader.integer(UInt8.self) == 4,
      let kind = Kind(rawValue: try reader.integer(UInt8.self))
    else { throw Truncated() }
    let algorithm = try reader.integer(UInt8.self)
    let hash = try reader.integer(UInt8.self)
    guard OpenPGPKey.algorithms.contains(algorithm), hash == 8 || hash == 10 else {
      throw Truncated()
    }
    let hashedArea = try reader.array(Int(try reader.integer(UInt16.self)))
    let unhashedArea = try reader.array(Int(try reader.integer(UInt16.self)))
    let check = try reader.array(2)
    let signature: [UInt8]
    if algorithm == 22 {
      let point = try reader.mpi(32)
      signature = point + (try reader.mpi(32))
    } else {
      signature = try reader.array(64)
    }
    guard reader.remaining == 0,
      let subpackets = OpenPGPSubpackets(hashed: hashedArea, unhashed: unhashedArea)
    else { throw Truncated() }
    return OpenPGPSignature(
      kind: kind, subpackets: subpackets, algorithm: algorithm, hash: hash,
      hashedArea: hashedArea, check: check, signature: signature)
  }

  /// Whether `key` signed `document`, which is in the form that the kind asks for.
  func verifies(_ document: [UInt8], by key: OpenPGPKey) -> Bool {
    guard let key = key.key else { return false }
    var message = document + [4, kind.rawValue, algorithm, hash]
    message.append(bigEndian: UInt16(clamping: hashedArea.count))
    message += hashedArea + [4, 0xff]
    message.append(bigEndian: UInt32(clamping: hashedArea.count + 6))
    let digest = hash == 8 ? SHA2.sha256(message) : SHA2.sha512(message)
    return digest.starts(with: check) && key.verifies(signature, over: digest)
  }
}
