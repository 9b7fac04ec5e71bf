import IPv8Crypto
import IPv8Wire

/// A signature of `ssh-keygen -Y sign` (OpenSSH's PROTOCOL.sshsig), version 1, by an Ed25519 key.
struct SSHSignature: Equatable, Sendable {
  static let armorKind = "SSH SIGNATURE"
  private static let magic = Array("SSHSIG".utf8)

  enum Hash: String, Sendable {
    case sha256
    case sha512
  }

  let publicKey: SSHPublicKey
  let namespace: String
  private let reserved: [UInt8]
  private let hash: Hash
  private let signature: [UInt8]

  /// From the bytes in the armour; throws what they are instead.
  init(_ blob: [UInt8]) throws(ProofRefusal) {
    do {
      self = try Self.read(blob)
    } catch let refusal as ProofRefusal {
      throw refusal
    } catch {
      throw .malformed("SSH signature")
    }
  }

  private init(
    publicKey: SSHPublicKey, namespace: String, reserved: [UInt8], hash: Hash, signature: [UInt8]
  ) {
    self.publicKey = publicKey
    self.namespace = namespace
    self.reserved = reserved
    self.hash = hash
    self.signature = signature
  }

  private static func read(_ blob: [UInt8]) throws -> SSHSignature {
    var reader = ByteReader(blob.rawSpan)
    guard try reader.array(magic.count) == magic else { throw Truncated() }
    let version = try reader.integer(UInt32.self)
    guard version == 1 else { throw ProofRefusal.unsupported("SSH signature version \(version)") }
    let keyBlob = try reader.sshString()
    guard let publicKey = SSHPublicKey(blob: keyBlob) else {
      throw ProofRefusal.unsupported("SSH key type; only ssh-ed25519 is read")
    }
    guard let namespace = try reader.sshString().text else { throw Truncated() }
    let reserved = try reader.sshString()
    guard let hash = Hash(rawValue: try reader.sshString().text ?? "") else {
      throw ProofRefusal.unsupported("hash of an SSH signature")
    }
    let signature = try reader.sshString()
    guard reader.remaining == 0 else { throw Truncated() }
    var inner = ByteReader(signature.rawSpan)
    guard try inner.sshString() == SSHPublicKey.type else { throw Truncated() }
    let scalars = try inner.sshString()
    guard inner.remaining == 0, scalars.count == IdentityKey.signatureByteCount else {
      throw Truncated()
    }
    return SSHSignature(
      publicKey: publicKey, namespace: namespace, reserved: reserved, hash: hash,
      signature: scalars)
  }

  /// Whether the key in it signed `message` in the namespace in it.
  func verifies(_ message: [UInt8]) -> Bool {
    let digest =
      switch hash {
      case .sha256: SHA2.sha256(message)
      case .sha512: SHA2.sha512(message)
      }
    let signed =
      Self.magic + Array(namespace.utf8).sshString + reserved.sshString
      + Array(hash.rawValue.utf8).sshString + digest.sshString
    return publicKey.key.verifies(signature, over: signed)
  }
}
