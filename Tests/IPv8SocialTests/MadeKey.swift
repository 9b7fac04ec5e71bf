import IPv8Wire

@testable import IPv8Crypto
@testable import IPv8Social

/// A secret OpenPGP key, with which tests sign what gpg would not.
struct MadeKey {
  static let created: UInt64 = 1_790_000_000
  /// That it may sign data; that it may certify.
  static let signing: (UInt8, [UInt8]) = (27, [2])
  static let certifying: (UInt8, [UInt8]) = (27, [1])

  private let identity: IdentityKey
  private let algorithm: UInt8

  /// - Parameter algorithm: 22 or 27.
  init(_ number: UInt8, algorithm: UInt8 = 27) {
    let seed = [UInt8](repeating: number, count: 32)
    identity = IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
    self.algorithm = algorithm
  }

  var body: [UInt8] {
    var bytes: [UInt8] = [4]
    bytes.append(bigEndian: UInt32(Self.created))
    bytes.append(algorithm)
    let point = identity.permID.bytes
    if algorithm == 27 { return bytes + point }
    return bytes + [9, 0x2b, 6, 1, 4, 1, 0xda, 0x47, 0x0f, 1] + Self.mpi([0x40] + point)
  }

  var key: OpenPGPKey { OpenPGPKey(OpenPGPPacket(kind: .publicKey, body: body))! }

  /// The body of a signature packet.
  func sign(
    _ document: [UInt8], _ kind: OpenPGPSignature.Kind, at time: UInt64 = MadeKey.created,
    _ subpackets: (UInt8, [UInt8])...
  ) -> [UInt8] {
    sign(document, kind, at: time, all: subpackets)
  }

  func sign(
    _ document: [UInt8], _ kind: OpenPGPSignature.Kind, at time: UInt64,
    all subpackets: [(UInt8, [UInt8])]
  ) -> [UInt8] {
    var hashed: [UInt8] = [5, 2]
    hashed.append(bigEndian: UInt32(time))
    for (type, value) in subpackets { hashed += Self.length(value.count + 1) + [type] + value }
    var head: [UInt8] = [4, kind.rawValue, algorithm, 10]
    head.append(bigEndian: UInt16(hashed.count))
    head += hashed
    var message = document + head + [4, 0xff]
    message.append(bigEndian: UInt32(head.count))
    let digest = SHA2.sha512(message)
    let signature = identity.signature(over: digest)
    let end =
      algorithm == 27
      ? signature : Self.mpi(Array(signature[..<32])) + Self.mpi(Array(signature[32...]))
    return head + [0, 0] + digest.prefix(2) + end
  }

  /// A certification of `user` by itself, as in a user ID's signature.
  static func certified(_ key: MadeKey, _ user: String) -> [UInt8] {
    var bytes = key.key.hashed + [0xb4]
    bytes.append(bigEndian: UInt32(user.utf8.count))
    return bytes + Array(user.utf8)
  }

  static func length(_ count: Int) -> [UInt8] {
    count < 192 ? [UInt8(count)] : [UInt8((count - 192) >> 8 + 192), UInt8((count - 192) & 0xff)]
  }

  private static func mpi(_ bytes: [UInt8]) -> [UInt8] {
    let rest = Array(bytes.drop { $0 == 0 })
    let bits = rest.count * 8 - (rest.first?.leadingZeroBitCount ?? 0)
    return [UInt8(bits >> 8), UInt8(bits & 0xff)] + rest
  }
}
