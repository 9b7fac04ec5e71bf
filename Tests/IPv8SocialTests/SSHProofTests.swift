import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Social

@Suite("Proofs by SSH keys")
struct SSHProofTests {
  let now: WallTime
  var keys = PublishedKeys()

  init() throws {
    now = time("2026-12-01T00:00:00Z")
    keys.add(try dataFile("octocat.keys"), fileName: "/home/ada/octocat.keys", at: now)
    keys.add(try dataFile("allowed_signers"), fileName: "allowed_signers", at: now)
  }

  @Test(
    "what ssh-keygen signed for the namespace counts, by SHA-512 and SHA-256, by the key itself")
  func good() throws {
    let proofs = try AccountProofs("ssh.proofs", keys, at: now)
    #expect(proofs.refused.isEmpty && proofs.statements.count == 3)
    #expect(proofs.permID(of: account("github:octocat")) == permID(ada))
    #expect(proofs.permID(of: account("mastodon:bob@example.org")) == permID(bob))
    #expect(proofs.permID(of: account("github:hubber")) == nil)
    let own = proofs.statements.filter { $0.account.network == .ssh }
    #expect(own.count == 1)

    // A key that names itself needs no list; the others do.
    let alone = try AccountProofs("ssh.proofs", PublishedKeys(), at: now)
    #expect(alone.statements == own)
    #expect(
      alone.refused.map(\.reason) == [
        .keyUnknown(account("github:octocat")),
        .keyUnknown(account("mastodon:bob@example.org")),
      ])
    #expect(alone.refused.map(\.line) == [1, 8])
  }

  @Test("a file of GitHub's keys is its user's; other kinds of keys are refused by line")
  func keyFiles() throws {
    #expect(keys.refused.map(\.line) == [2, 4])
    #expect(
      keys.refused.map(\.reason) == [
        .unsupported("key type ssh-rsa; only ssh-ed25519 is read"),
        .unsupported("key for other namespaces"),
      ])
    var other = PublishedKeys()
    other.add(try dataFile("octocat.keys"), fileName: "keys.txt", at: now)
    #expect(other.refused.first?.reason == .malformed("account before the key"))
    let line = text(try dataFile("octocat.keys")).split(separator: "\n")[0]
    for (text, reason) in [
      ("github:a cert-authority \(line)", ProofRefusal.unsupported("option cert-authority")),
      (
        "github:a valid-before=\"20300101\" \(line)",
        .unsupported("option valid-before=\"20300101\"")
      ),
      ("github:* \(line)", .malformed("account github:*")),
      ("ada@example.org \(line)", .malformed("account ada@example.org")),
      ("github:a ssh-ed25519 AAAA", .malformed("key")), ("github:a", .malformed("key")),
      ("github:a openpgp4fpr 0123", .malformed("fingerprint")),
      ("-----BEGIN PGP PUBLIC KEY BLOCK-----", .malformed("PGP PUBLIC KEY BLOCK")),
      ("-----BEGIN OPENSSH PRIVATE KEY-----", .unsupported("OPENSSH PRIVATE KEY")),
    ] {
      var keys = PublishedKeys()
      keys.add([UInt8](text.utf8), fileName: "keys", at: now)
      #expect(keys.refused == [RefusedProof(line: 1, reason)], "\(text)")
    }
  }

  @Test("an account has at most 64 keys of each kind, and the first stay")
  func keyCount() throws {
    let mine = text(try dataFile("octocat.keys")).split(separator: "\n")[0]
    var lines = ["github:octocat \(mine)"]
    for number in 0..<100 as Range<UInt8> {
      let key = SSHPublicKey(ForeignEd25519Key([UInt8](repeating: number, count: 32))!)
      lines.append("github:octocat ssh-ed25519 \(Base64.encode(key.blob))")
    }
    var keys = PublishedKeys()
    keys.add(
      [UInt8]((lines + lines.prefix(64)).joined(separator: "\n").utf8), fileName: "k", at: now)
    #expect(keys.refused == (65...101).map { RefusedProof(line: $0, .tooMany) })
    #expect(
      try AccountProofs("ssh.proofs", keys, at: now).permID(of: account("github:octocat")) != nil)
  }

  @Test("another's key, another kind of key and another namespace prove nothing")
  func refused() throws {
    let octocat = account("github:octocat")
    for (file, reason) in [
      ("ssh-other-key.proofs", ProofRefusal.keyUnknown(octocat)),
      ("ssh-rsa.proofs", .unsupported("SSH key type; only ssh-ed25519 is read")),
      ("ssh-eve.proofs", .keyUnknown(account("mastodon:eve@example.org"))),
      ("ssh-namespace.proofs", .namespace("git")),
    ] {
      let proofs = try AccountProofs(file, keys, at: now)
      #expect(proofs.statements.isEmpty && proofs.refused == [RefusedProof(line: 1, reason)])
    }
  }

  @Test("no changed bit of a statement or of its signature is let through")
  func forged() throws {
    let file = try dataFile("ssh.proofs")
    let end = try #require(text(file).split(separator: "\nipv8-tun").first).utf8.count
    let proof = Array(file.prefix(end))
    let octocat = account("github:octocat")
    #expect(AccountProofs(proof, keys: keys, at: now).permID(of: octocat) != nil)
    for place in proof.indices {
      for bit in [0, 1, 5] {
        var changed = proof
        changed[place] ^= 1 << bit
        let proofs = AccountProofs(changed, keys: keys, at: now)
        // Line ends and blanks at the ends of lines of base64 say nothing.
        if proofs.statements.isEmpty {
          #expect(!proofs.refused.isEmpty)
        } else {
          #expect(proofs.permID(of: octocat) == permID(ada))
          #expect(proof[place] == 0x0a || proof[place] == 0x0d, "\(place) \(bit)")
        }
      }
    }
    let other = text(proof).replacing(ada, with: bob)
    #expect(
      AccountProofs([UInt8](other.utf8), keys: keys, at: now).refused.map(\.reason) == [.forged])
  }

  @Test("line ends of Windows, comments and blank lines do not matter")
  func lineEnds() throws {
    let file = text(try dataFile("ssh.proofs"))
    let changed = "\u{feff}# proofs\n\n" + file.replacing("\n-----BEGIN", with: "\n\n-----BEGIN")
    let windows = changed.replacing("\n", with: "\r\n")
    for form in [changed, windows] {
      let proofs = AccountProofs([UInt8](form.utf8), keys: keys, at: now)
      #expect(proofs.refused.isEmpty && proofs.statements.count == 3)
    }
  }

  @Test("a statement from the future waits, one without a signature is refused by its line")
  func loose() throws {
    let early = try AccountProofs("ssh.proofs", keys, at: time("2026-11-30T11:58:01Z"))
    #expect(early.statements.map(\.account.network) == [.gitHub, .mastodon])
    #expect(early.refused.map(\.reason) == [.fromFuture])

    let file = text(try dataFile("ssh.proofs")).split(separator: "\n")
    let lines = [file[0], file[0], "hello", file[1], file[2], "-----END SSH SIGNATURE-----", "x"]
    let proofs = AccountProofs(
      [UInt8](lines.joined(separator: "\n").utf8), keys: keys, at: now)
    #expect(proofs.refused.map(\.line) == [1, 2, 3, 4, 7])
    #expect(
      proofs.refused.map(\.reason) == [
        .malformed("signature"), .malformed("signature"), .noStatement,
        .malformed("SSH SIGNATURE"), .noStatement,
      ])
  }
}
