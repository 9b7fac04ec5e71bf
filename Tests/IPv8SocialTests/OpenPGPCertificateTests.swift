import IPv8Wire
import Testing

@testable import IPv8Social

@Suite("Which keys of an OpenPGP key sign")
struct OpenPGPCertificateTests {
  private typealias Packet = OpenPGPPacket
  private static let user = "Ada <ada@example.org>"
  private let now = MadeKey.created + 1_000
  private let primary = MadeKey(1)
  private let subkey = MadeKey(2, algorithm: 22)

  private func signature(_ body: [UInt8]) -> Packet { Packet(kind: .signature, body: body) }

  private var userPackets: [Packet] {
    [
      Packet(kind: .publicKey, body: primary.body),
      Packet(kind: .userID, body: Array(Self.user.utf8)),
    ]
  }

  private var document: [UInt8] { MadeKey.certified(primary, Self.user) }

  private var both: [UInt8] { primary.key.hashed + subkey.key.hashed }

  /// How many keys sign for the certificate.
  private func signers(_ packets: [Packet], at time: UInt64? = nil) -> [OpenPGPKey] {
    OpenPGPCertificate(packets[...], now: time ?? now)?.signers ?? []
  }

  private func certified(_ subpackets: (UInt8, [UInt8])...) -> [Packet] {
    userPackets + [
      signature(
        primary.sign(document, .positiveCertification, at: MadeKey.created, all: subpackets))
    ]
  }

  @Test("the primary key signs where it says so of itself, by either algorithm's number")
  func primaryKey() {
    #expect(signers(certified(MadeKey.signing)) == [primary.key])
    #expect(signers(certified()) == [primary.key], "without flags all is allowed")
    #expect(signers(certified(MadeKey.certifying)).isEmpty)
    #expect(signers(userPackets).isEmpty, "nothing is said of it")
    let direct = [
      userPackets[0], signature(primary.sign(primary.key.hashed, .directKey, MadeKey.signing)),
    ]
    #expect(signers(direct) == [primary.key])
    let other = MadeKey(3).sign(document, .positiveCertification, MadeKey.signing)
    #expect(signers(userPackets + [signature(other)]).isEmpty, "another says it")
  }

  @Test(
    "the latest word counts: lifetimes of keys and of signatures, critical things not understood")
  func latest() {
    let short: (UInt8, [UInt8]) = (9, [0, 0, 1, 0])
    #expect(signers(certified(MadeKey.signing, short)).isEmpty)
    #expect(signers(certified(MadeKey.signing, short), at: MadeKey.created + 255).count == 1)
    #expect(signers(certified(MadeKey.signing, (9, [0, 0, 0, 0]))).count == 1)
    #expect(signers(certified(MadeKey.signing, (3, [0, 0, 1, 0]))).isEmpty)
    #expect(signers(certified(MadeKey.signing, (0x80 | 99, [1]))).isEmpty)
    #expect(signers(certified(MadeKey.signing, (99, [1]))).count == 1)
    let extended = primary.sign(
      document, .positiveCertification, at: MadeKey.created + 9, MadeKey.signing)
    #expect(signers(certified(MadeKey.signing, short) + [signature(extended)]).count == 1)
    #expect(
      signers(userPackets + [signature(extended)] + certified(short).suffix(1)).count == 1)
    let future = primary.sign(document, .positiveCertification, at: now + 121, MadeKey.signing)
    #expect(signers(userPackets + [signature(future)]).isEmpty)
  }

  @Test("a revoked user ID says nothing; of a revoked key nothing signs")
  func revoked() throws {
    let all = certified(MadeKey.signing)
    let user = signature(primary.sign(document, .certificationRevocation))
    #expect(signers(all + [user]).isEmpty)
    let others = signature(MadeKey(3).sign(document, .certificationRevocation))
    #expect(signers(all + [others]).count == 1)
    let key = signature(primary.sign(primary.key.hashed, .keyRevocation))
    let revoked = try #require(
      OpenPGPCertificate(([all[0], key] + all[1...])[...], now: now))
    #expect(revoked.isRevoked && revoked.signers.isEmpty)
    let forged = signature(MadeKey(3).sign(primary.key.hashed, .keyRevocation))
    #expect(signers([all[0], forged] + all[1...]).count == 1)
  }

  @Test("a subkey signs that the primary key binds for it, and that agrees")
  func subkeys() {
    let back = subkey.sign(both, .primaryKeyBinding)
    func bound(_ subpackets: (UInt8, [UInt8])...) -> [Packet] {
      certified(MadeKey.certifying) + [
        Packet(kind: .publicSubkey, body: subkey.body),
        signature(primary.sign(both, .subkeyBinding, at: MadeKey.created, all: subpackets)),
      ]
    }
    let good = bound(MadeKey.signing, (32, back))
    #expect(signers(good) == [subkey.key])
    #expect(signers(bound(MadeKey.signing)).isEmpty, "it does not agree")
    let wrong = MadeKey(3).sign(both, .primaryKeyBinding)
    #expect(signers(bound(MadeKey.signing, (32, wrong))).isEmpty)
    let otherKind = subkey.sign(both, .subkeyBinding)
    #expect(signers(bound(MadeKey.signing, (32, otherKind))).isEmpty)
    #expect(signers(bound((27, [12]), (32, back))).isEmpty, "for encryption")
    #expect(signers(bound((32, back))).isEmpty, "without flags")
    #expect(signers(bound(MadeKey.signing, (32, back), (9, [0, 0, 1, 0]))).isEmpty)
    let revocation = signature(primary.sign(both, .subkeyRevocation))
    #expect(signers(good + [revocation]).isEmpty)
    let others = MadeKey(3).sign(both, .subkeyBinding, MadeKey.signing, (32, back))
    #expect(signers(good.dropLast() + [signature(others)]).isEmpty, "another binds it")
    let lost = certified(MadeKey.certifying, (9, [0, 0, 1, 0]))
    #expect(signers(lost + good.suffix(2)).isEmpty, "the primary key has expired")
    let many = (0..<40).flatMap { _ in Array(good.suffix(2)) }
    #expect(signers(certified(MadeKey.certifying) + many).count == 32)
  }

  @Test("a signature over a document has a lifetime, and what it must be understood for")
  func documents() throws {
    let certificate = try #require(OpenPGPCertificate(certified(MadeKey.signing)[...], now: now))
    func verify(_ body: [UInt8], _ text: String = "x") -> ProofRefusal? {
      guard let signature = OpenPGPSignature(body) else { return .noStatement }
      do throws(ProofRefusal) {
        try certificate.verify(signature, over: Array(text.utf8), now: now)
        return nil
      } catch { return error }
    }
    let x = Array("x".utf8)
    #expect(verify(primary.sign(x, .binary)) == nil)
    #expect(verify(primary.sign(x, .binary), "y") == .forged)
    #expect(verify(MadeKey(3).sign(x, .binary)) == .forged)
    #expect(verify(subkey.sign(x, .binary)) == .forged)
    #expect(verify(primary.sign(x, .binary, (3, [0, 0, 1, 0]))) == .expired)
    #expect(verify(primary.sign(x, .binary, at: now + 121)) == .fromFuture)
    #expect(
      verify(primary.sign(x, .binary, (0x80 | 20, [1]))) == .unsupported("critical subpacket"))
    var changed = primary.sign(x, .binary)
    for place in changed.indices {
      changed[place] ^= 1
      #expect(verify(changed) != nil, "\(place)")
      changed[place] ^= 1
    }
  }
}
