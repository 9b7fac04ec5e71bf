import IPv8Crypto
import IPv8Records
import IPv8Wire
import Testing

/// docs/protocol/introductions.md, "Introduction".
@Suite("A signed introduction")
struct SignedIntroductionTests {
  private static func identity(_ byte: UInt8) -> IdentityKey {
    let seed = [UInt8](repeating: byte, count: 32)
    return IdentityKey(seed: SecretBytes(copying: seed.rawSpan))
  }

  private static let sender = identity(1)
  private static let recipient = identity(2)
  private static let now = WallTime(milliseconds: 1_700_000_000_000)

  private static var ephemeral: AgreementKey {
    let bytes = [UInt8](repeating: 77, count: 32)
    return AgreementKey(secret: SecretBytes(copying: bytes.rawSpan))
  }

  private static func introduction(
    at time: WallTime = now, binding: [UInt8] = []
  ) -> Introduction {
    Introduction(
      id: IntroductionID(5), sender: sender.permID, time: time, nat: 3, delay: 40,
      places: [
        Introduction.Place(kind: 1, endpoint: Endpoint(.v4(IPv4Address(0xcb00_7107)), port: 9))
      ], binding: binding)
  }

  private static func seal(
    _ introduction: Introduction, for permID: PermID = recipient.permID
  ) throws -> [UInt8] {
    try #require(
      SignedIntroduction.seal(
        introduction, for: permID, signedBy: sender, ephemeral: ephemeral))
  }

  private static func refusal(
    _ sealed: [UInt8], from permID: PermID = sender.permID, identity: IdentityKey = recipient
  ) -> SignedIntroduction.Refusal? {
    do throws(SignedIntroduction.Refusal) {
      _ = try SignedIntroduction(opening: sealed, from: permID, identity: identity, at: now)
      return nil
    } catch {
      return error
    }
  }

  @Test("says to its recipient what its sender said, the sender's binding included")
  func roundTrip() throws {
    let record = BindingRecord(permID: Self.sender.permID, timestamp: Self.now)
    let binding = SignedBinding(signing: record, with: Self.sender)
    let introduction = Self.introduction(binding: binding.bytes)
    let opened = try SignedIntroduction(
      opening: try Self.seal(introduction), from: Self.sender.permID, identity: Self.recipient,
      at: Self.now)
    #expect(opened.introduction == introduction && opened.binding == binding)
  }

  @Test("counts without a binding that is forged or another's")
  func badBinding() throws {
    let record = BindingRecord(permID: Self.recipient.permID, timestamp: Self.now)
    let another = SignedBinding(signing: record, with: Self.recipient)
    for binding in [[1, 2, 3], another.bytes] {
      let opened = try SignedIntroduction(
        opening: try Self.seal(Self.introduction(binding: binding)), from: Self.sender.permID,
        identity: Self.recipient, at: Self.now)
      #expect(opened.binding == nil)
    }
  }

  @Test("counts for nobody but its recipient, whoever passes it on")
  func otherRecipient() throws {
    let third = Self.identity(3)
    let sealed = try Self.seal(Self.introduction())
    #expect(Self.refusal(sealed, identity: third) == .malformed)
    #expect(Self.refusal(sealed, from: third.permID) == .otherSender)
    // The recipient opens it and seals the same words for a third.
    let plain = try #require(SealedBox.open(sealed, with: Self.recipient.agreementKey))
    let passedOn = try #require(
      SealedBox.seal(plain, to: third.agreementKey.publicKey, ephemeral: Self.ephemeral))
    #expect(Self.refusal(passedOn, identity: third) == .forged)
  }

  @Test("counts only within 120 s of the recipient's clock, either way")
  func times() throws {
    let limit = SignedIntroduction.timeLimit
    for (offset, expected) in [
      (Int64(limit), nil), (-Int64(limit), nil), (Int64(limit) + 1, .untimely),
      (-Int64(limit) - 1, .untimely),
    ] as [(Int64, SignedIntroduction.Refusal?)] {
      let time = WallTime(milliseconds: UInt64(Int64(Self.now.milliseconds) + offset))
      #expect(Self.refusal(try Self.seal(Self.introduction(at: time))) == expected)
    }
  }

  @Test("is refused with any one byte of what was sealed changed")
  func forged() throws {
    let plain = try #require(
      SealedBox.open(try Self.seal(Self.introduction()), with: Self.recipient.agreementKey))
    for place in plain.indices {
      var changed = plain
      changed[place] ^= 0x10
      let sealed = try #require(
        SealedBox.seal(
          changed, to: Self.recipient.agreementKey.publicKey, ephemeral: Self.ephemeral))
      #expect(Self.refusal(sealed) != nil, "byte \(place)")
    }
    #expect(Self.refusal([]) == .malformed)
    let long = [UInt8](repeating: 0, count: Introduction.sealedByteLimit + 1)
    #expect(Self.refusal(long) == .malformed)
  }
}
