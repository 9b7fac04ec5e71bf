/// Files that hold a signature of OpenPGP.
enum OpenPGPText {
  static let signatureKind = "PGP SIGNATURE"
  static let messageKind = "PGP SIGNED MESSAGE"
  static let keyKind = "PGP PUBLIC KEY BLOCK"
  /// Bytes of base64.
  static let signatureLimit = 16 << 10
  static let keyLimit = 1 << 20
  /// Lines that a signed message may have; a statement has one.
  private static let messageLineLimit = 64

  /// The one signature in the block whose first line was read.
  static func signature(_ lines: inout TextLines) throws(ProofRefusal) -> OpenPGPSignature {
    let bytes = try block(&lines, signatureKind, signatureLimit)
    guard let packets = OpenPGPPacket.all(bytes), packets.count == 1,
      packets[0].kind == .signature
    else { throw .malformed("OpenPGP signature") }
    guard let signature = OpenPGPSignature(packets[0].body) else {
      throw .unsupported(
        "OpenPGP signature; only version 4 by Ed25519 over SHA-256 or SHA-512 is read")
    }
    return signature
  }

  static func block(
    _ lines: inout TextLines, _ kind: String, _ limit: Int
  ) throws(ProofRefusal) -> [UInt8] {
    do throws(Armor.Refusal) {
      return try Armor.read(&lines, kind: kind, limit: limit)
    } catch {
      switch error {
      case .tooLong: throw .tooLong
      case .noEnd, .notBase64: throw .malformed(kind)
      }
    }
  }

  /// The text of a clear-signed message (RFC 9580 §7) whose first line was read, without its last
  /// line end; the lines go on behind the one that begins the signature.
  static func message(_ lines: inout TextLines) throws(ProofRefusal) -> [UInt8] {
    while let header = lines.next(), !header.bytes.trimmed.isEmpty {
      guard header.bytes.starts(with: Array("Hash: ".utf8)) else { throw .malformed(messageKind) }
    }
    var text: [ArraySlice<UInt8>] = []
    while let line = lines.next() {
      if Armor.kind(line.bytes) == signatureKind {
        return Array(text.joined(separator: [.carriageReturn, .newline]))
      }
      guard text.count < messageLineLimit, !line.isCut else { throw .tooLong }
      var bytes = line.bytes
      if bytes.starts(with: [.dash, .blank]) {
        bytes = bytes.dropFirst(2)
      } else if bytes.first == .dash {
        throw .malformed(messageKind)
      }
      while let last = bytes.last, last.isBlank { bytes = bytes.dropLast() }
      text.append(bytes)
    }
    throw .malformed(messageKind)
  }
}
