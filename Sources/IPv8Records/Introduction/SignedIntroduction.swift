import IPv8Crypto
import IPv8Wire

/// An introduction whose signature is its sender's, made for one recipient: the only form in which
/// it counts (docs/protocol/introductions.md).
public struct SignedIntroduction: Equatable, Sendable {
  public enum Refusal: Error, Equatable, Sendable {
    /// Not sealed to us, or not the canonical bytes of an introduction.
    case malformed
    /// Of another sender than the introducer names.
    case otherSender
    /// Not signed by its sender for us.
    case forged
    /// More than 120 s from this host's clock.
    case untimely
  }

  /// Milliseconds that an introduction's time may be from this host's clock, either way.
  public static let timeLimit: UInt64 = 120_000

  public let introduction: Introduction
  /// The sender's own record, verified; nil where it has none, or a bad one.
  public let binding: SignedBinding?

  /// `introduction` signed by `identity` and sealed for `recipient`; nil where that is no valid key.
  ///
  /// - Parameter ephemeral: a fresh key pair, used for nothing else.
  public static func seal(
    _ introduction: Introduction, for recipient: PermID, signedBy identity: IdentityKey,
    ephemeral: AgreementKey
  ) -> [UInt8]? {
    precondition(introduction.sender == identity.permID, "a sender signs for itself")
    guard let key = recipient.agreementPublicKey else { return nil }
    let body = introduction.body
    let signature = identity.sign(body + recipient.bytes, domain: .introduction)
    return SealedBox.seal(body + signature, to: key, ephemeral: ephemeral)
  }

  /// Opens and checks what `sender` sealed for `identity`.
  public init(
    opening sealed: [UInt8], from sender: PermID, identity: IdentityKey, at now: WallTime
  ) throws(Refusal) {
    guard sealed.count <= Introduction.sealedByteLimit,
      let plain = SealedBox.open(sealed, with: identity.agreementKey),
      plain.count > IdentityKey.signatureByteCount
    else { throw .malformed }
    let body = [UInt8](plain.dropLast(IdentityKey.signatureByteCount))
    guard let introduction = Introduction(body.rawSpan) else { throw .malformed }
    guard introduction.sender == sender else { throw .otherSender }
    let signature = [UInt8](plain.suffix(IdentityKey.signatureByteCount))
    // The recipient is signed too, so that nobody passes on what was made for it.
    guard
      sender.verifies(signature, over: body + identity.permID.bytes, domain: .introduction)
    else { throw .forged }
    let (time, clock) = (introduction.time.milliseconds, now.milliseconds)
    guard max(time, clock) - min(time, clock) <= Self.timeLimit else { throw .untimely }
    self.introduction = introduction
    let binding = try? SignedBinding(verifying: introduction.binding, at: now)
    self.binding = binding.flatMap { $0.record.permID == sender ? $0 : nil }
  }
}
