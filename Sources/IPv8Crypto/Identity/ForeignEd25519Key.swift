import IPv8Wire

/// An Ed25519 key (RFC 8032) that is nobody's PermID: one of SSH or OpenPGP, whose formats have
/// their own ways to keep what is signed for one purpose from being taken for another's. It only
/// verifies.
public struct ForeignEd25519Key: Hashable, Sendable {
  private let point: PermID

  /// Nil unless `bytes` has 32 bytes.
  public init?(_ bytes: [UInt8]) {
    guard let point = PermID(bytes) else { return nil }
    self.point = point
  }

  public var bytes: [UInt8] { point.bytes }

  /// Whether `signature` is this key's over all of `message`; strict as for PermIDs.
  public func verifies(_ signature: [UInt8], over message: [UInt8]) -> Bool {
    point.verifies(signature, overTagged: message)
  }
}
