import IPv8Crypto
import IPv8Wire

/// The proof that a sender knows whom it calls; without it a host keeps silent (protocol §1.2).
public struct MAC1: Sendable {
  private let key: SecretBytes

  /// - Parameter recipient: the peer that the datagrams are for.
  public init(recipient: PermID) {
    let message = [UInt8]("ipv8 mac1".utf8) + recipient.bytes
    key = SecretBytes(copying: BLAKE2b.hash(message, count: 32).rawSpan)
  }

  /// Appends the option to a datagram that is otherwise complete.
  func append(to datagram: inout [UInt8]) {
    let mac = BLAKE2b.hash(datagram, count: HandshakeOptions.mac1ByteCount, key: key)
    HandshakeOptions.appendMAC1(mac, to: &datagram)
  }

  /// Whether `datagram`, which parsed with a MAC1 option at its end, carries the right one.
  public func verifies(_ datagram: RawSpan, options: HandshakeOptions) -> Bool {
    guard let mac = options.mac1 else { return false }
    let covered = datagram.byteCount - HandshakeOptions.mac1OptionByteCount
    let expected = BLAKE2b.hash(
      datagram.extracting(0..<covered), count: HandshakeOptions.mac1ByteCount, key: key)
    return constantTimeEqual(mac.rawSpan, expected.rawSpan)
  }
}
