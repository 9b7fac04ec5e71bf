import IPv8Wire

enum STUNFuzz {
  static func message(_ bytes: [UInt8]) {
    if let message = STUNMessage(bytes) {
      precondition(DatagramKind(bytes.rawSpan) == .stun, "a message with the cookie is STUN")
      precondition(STUNMessage(bytes, classic: true) == message, "and is so for all")
      if let integrity = message.integrity {
        precondition(integrity.upperBound <= bytes.count, "the integrity lies within")
      }
    }
    guard let message = STUNMessage(bytes, classic: true) else { return }
    let written = message.bytes(fingerprint: true)
    let again = STUNMessage(written, classic: true)
    precondition(again?.isFingerprinted == true, "a fingerprint is right")
    precondition(
      again?.bytes(fingerprint: true) == written, "messages are read as written")
  }
}
