import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Social

@Suite("Proofs by OpenPGP keys")
struct OpenPGPProofTests {
  let now: WallTime
  var keys = PublishedKeys()

  init() throws {
    now = time("2026-12-01T00:00:00Z")
    keys.add(try dataFile("octocat.gpg"), fileName: "octocat.gpg", at: now)
    keys.add(try dataFile("pgp.keys-file"), fileName: "keys", at: now)
  }

  @Test("the sample key and signature of RFC 9580, appendix A, are read and verify")
  func published() throws {
    let keyBlock = """
      -----BEGIN PGP PUBLIC KEY BLOCK-----

      xjMEU/NfCxYJKwYBBAHaRw8BAQdAPwmJlL3ZFu1AUxl5NOSofIBzOhKA1i+AEJku
      Q+47JAY=
      -----END PGP PUBLIC KEY BLOCK-----
      """
    let signatureBlock = """
      -----BEGIN PGP SIGNATURE-----

      iF4EABYIAAYFAlX5X5UACgkQjP3hIZeWWpr2IgD/VvkMypjiECY3vZg/2xbBMd/S
      ftgr9N3lYG4NdWrtM2YBANCcT6EVJ/A44PV/IgHYLy6iyQMyZfps60iehUuuYbQE
      -----END PGP SIGNATURE-----
      """
    var lines = TextLines([UInt8](keyBlock.utf8), limit: 100)
    _ = lines.next()
    let packets = try #require(
      OpenPGPPacket.all(try OpenPGPText.block(&lines, OpenPGPText.keyKind, 1_000)))
    let key = try #require(packets.first.flatMap { OpenPGPKey($0) })
    #expect(key.fingerprintText == "c959bdbafa32a2f89a153b678cfde12197965a9a")
    #expect(key.created == 1_408_458_507)
    lines = TextLines([UInt8](signatureBlock.utf8), limit: 100)
    _ = lines.next()
    let signature = try OpenPGPText.signature(&lines)
    #expect(signature.kind == .binary && signature.subpackets.created == 1_442_406_293)
    #expect(signature.verifies([UInt8]("OpenPGP".utf8), by: key))
    #expect(!signature.verifies([UInt8]("OpenPGp".utf8), by: key))
    // It certifies nothing of itself, and so signs for nobody.
    let certificate = try #require(OpenPGPCertificate(packets[...], now: 1_500_000_000))
    #expect(certificate.signers.isEmpty)
  }

  @Test(
    "what gpg signed counts: clear-signed, detached as bytes and as text, by primary and subkey")
  func good() throws {
    let proofs = try AccountProofs("pgp.proofs", keys, at: now)
    #expect(proofs.refused.isEmpty && proofs.statements.count == 4, "\(proofs.refused)")
    #expect(proofs.permID(of: account("github:octocat")) == permID(ada))
    #expect(proofs.permID(of: account("github:gnu")) == permID(bob))
    #expect(proofs.permID(of: account("mastodon:ada@example.org")) == permID(ada))
    #expect(proofs.statements.contains { $0.account.network == .openPGP })
    let windows = text(try dataFile("pgp.proofs")).replacing("\n", with: "\r\n")
    #expect(
      AccountProofs([UInt8](windows.utf8), keys: keys, at: now).statements == proofs.statements)
    let alone = try AccountProofs("pgp.proofs", PublishedKeys(), at: now)
    #expect(alone.statements.isEmpty && alone.refused.count == 4)
  }

  @Test("a key that has expired or is revoked, and SHA-384, prove nothing")
  func refused() throws {
    var keys = keys
    keys.add(try dataFile("gone.gpg"), fileName: "gone.gpg", at: now)
    let gone = account("github:gone")
    #expect(try AccountProofs("pgp-revoked.proofs", keys, at: now).permID(of: gone) != nil)
    for order in [["gone-revoked.gpg"], ["gone.gpg", "gone-revoked.gpg", "gone.gpg"]] {
      var keys = PublishedKeys()
      for file in order { keys.add(try dataFile(file), fileName: "gone.gpg", at: now) }
      let proofs = try AccountProofs("pgp-revoked.proofs", keys, at: now)
      #expect(proofs.statements.isEmpty && proofs.refused.map(\.reason) == [.revoked])
    }

    let late = try AccountProofs("pgp-expired.proofs", keys, at: now)
    #expect(late.statements.isEmpty && late.refused.map(\.reason) == [.expired])
    let before = time("2026-11-02T00:00:00Z")
    var early = PublishedKeys()
    early.add(try dataFile("pgp.keys-file"), fileName: "keys", at: before)
    let inTime = try AccountProofs("pgp-expired.proofs", early, at: before)
    #expect(inTime.refused.map(\.reason) == [.fromFuture])

    let sha384 = try AccountProofs("pgp-sha384.proofs", keys, at: now)
    #expect(sha384.refused.map(\.line) == [1] && sha384.statements.isEmpty)
    guard case .unsupported = sha384.refused.first?.reason else {
      Issue.record("\(sha384.refused)")
      return
    }
  }

  @Test("a list of keys names by fingerprint; another's fingerprint proves nothing")
  func fingerprints() throws {
    let lines = text(try dataFile("pgp.keys-file"))
    let other = lines.replacing("github:gnu", with: "github:gnat")
    var keys = PublishedKeys()
    keys.add([UInt8](other.utf8), fileName: "keys", at: now)
    keys.add(try dataFile("octocat.gpg"), fileName: "other.gpg", at: now)
    let proofs = try AccountProofs("pgp.proofs", keys, at: now)
    #expect(
      proofs.refused == [
        RefusedProof(line: 1, .keyUnknown(account("github:octocat"))),
        RefusedProof(line: 12, .keyUnknown(account("github:gnu"))),
      ])
    // The subkey's holder is listed for the account, but another signed.
    let swapped = text(try dataFile("pgp.proofs")).replacing("github:octocat", with: "github:gnu")
    let forged = AccountProofs([UInt8](swapped.utf8), keys: keys, at: now)
    #expect(forged.permID(of: account("github:gnu")) == nil)
  }

  @Test("no changed bit of a key or a signature lets another statement through")
  func mutations() throws {
    let file = try dataFile("pgp.proofs")
    let genuine = try AccountProofs("pgp.proofs", keys, at: now).statements
    var random = TestRandom("OpenPGP mutations")
    for _ in 0..<2_000 {
      var changed = file
      let place = Int(random.next() % UInt64(file.count))
      changed[place] ^= 1 << UInt8(random.next() % 8)
      for statement in AccountProofs(changed, keys: keys, at: now).statements {
        #expect(genuine.contains(statement))
      }
    }
    let keyFile = try dataFile("octocat.gpg")
    for _ in 0..<1_000 {
      var changed = keyFile
      let place = Int(random.next() % UInt64(keyFile.count))
      changed[place] ^= 1 << UInt8(random.next() % 8)
      var keys = PublishedKeys()
      keys.add(changed, fileName: "octocat.gpg", at: now)
      for statement in try AccountProofs("pgp.proofs", keys, at: now).statements {
        #expect(genuine.contains(statement))
      }
    }
  }

  @Test("more in a signed message than the statement, or another armour, is refused")
  func messages() throws {
    let proof = text(try dataFile("pgp.proofs"))
    for (old, new) in [
      ("Hash: SHA256\n", "Hash: SHA256\nComment: x\n"), ("\n\nipv8", "\n\nHello\nipv8"),
      (
        "-----BEGIN PGP SIGNATURE-----\n\niHUEARYI", "-----BEGIN PGP SIGNATURE-----\n\niHUEARYI\n=="
      ),
    ] {
      let changed = proof.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != proof)
      let proofs = AccountProofs([UInt8](changed.utf8), keys: keys, at: now)
      #expect(proofs.permID(of: account("github:octocat")) == nil, "\(new)")
      #expect(proofs.statements.count == 3 && proofs.refused.first?.line == 1, "\(proofs.refused)")
    }
    let escaped = proof.replacing("\n\nipv8-tun", with: "\n\n- ipv8-tun", maxReplacements: 1)
    #expect(AccountProofs([UInt8](escaped.utf8), keys: keys, at: now).statements.count == 4)
  }
}
