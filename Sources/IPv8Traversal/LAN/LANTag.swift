import IPv8Crypto
import IPv8Wire

/// By what those who know a PermID recognise it in one epoch.
struct LANTag: Sendable, Equatable {
  /// Milliseconds that one tag is used.
  static let epochMilliseconds: UInt64 = 600_000
  private static let personal = [UInt8]("ipv8-lan-v1\0\0\0\0\0".utf8)

  let tag: UInt64
  /// Hides the port: what does not change from epoch to epoch would tell hosts apart.
  let mask: UInt16

  /// The first 10 bytes of BLAKE2b-256 of PermID ‖ epoch(4).
  init(of permID: PermID, in epoch: UInt32) {
    var message = permID.bytes
    message.append(bigEndian: epoch)
    let digest = BLAKE2b.hash(message, count: 32, personal: Self.personal)
    tag = digest.rawSpan.bigEndian(UInt64.self, at: 0)
    mask = digest.rawSpan.bigEndian(UInt16.self, at: 8)
  }

  static func epoch(at time: WallTime) -> UInt32 {
    UInt32(truncatingIfNeeded: time.milliseconds / epochMilliseconds)
  }
}
