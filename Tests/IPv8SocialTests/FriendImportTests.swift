import IPv8Wire
import Testing

@testable import IPv8Social

@Suite("From lists and proofs to friends")
struct FriendImportTests {
  let now: WallTime
  let keys: PublishedKeys

  init() throws {
    now = time("2026-12-01T00:00:00Z")
    var keys = PublishedKeys()
    keys.add(try dataFile("octocat.keys"), fileName: "octocat.keys", at: now)
    keys.add(try dataFile("allowed_signers"), fileName: "allowed_signers", at: now)
    self.keys = keys
  }

  @Test("an account is a friend where a proof says who it is")
  func accounts() throws {
    let list = ContactList("[{\"login\":\"nobody\"},\n{\"login\":\"OctoCat\"}]", .gitHub)
    let proofs = try AccountProofs("ssh.proofs", keys, at: now)
    let found = FriendImport(list, proofs: proofs)
    #expect(found.friends.map(\.permID) == [permID(ada)])
    #expect(found.friends.first?.account == account("github:octocat"))
    #expect(found.friends.first?.line == 2 && found.friends.first?.name == "octocat")
    #expect(found.refused == [.init(line: 1, .noProof(account("github:nobody")))])
    #expect(FriendImport(list).friends.isEmpty)
  }

  @Test("a peer is there once, and nobody is one's own friend")
  func once() throws {
    let list = ContactList(
      "permid,account\n\(ada),\n\(bob),\nx,\n\(ada),\n,github:octocat\n", .csv)
    let proofs = try AccountProofs("ssh.proofs", keys, at: now)
    let found = FriendImport(list, proofs: proofs, own: permID(bob))
    #expect(found.friends.map(\.line) == [2])
    #expect(
      found.refused == [
        .init(line: 3, .isSelf), .init(line: 4, .permIDMalformed("x")),
        .init(line: 5, .duplicate(line: 2)), .init(line: 6, .duplicate(line: 2)),
      ])
  }

  @Test(
    "of an account's statements the latest counts; two of one time that differ count for nothing")
  func latest() throws {
    let file = text(try dataFile("ssh.proofs")).split(separator: "\nipv8-tun: ")
    // The key speaks for two accounts; what it signed last for one is taken, whatever the order.
    let octocat = account("github:octocat")
    let twice = [file[0], "ipv8-tun: " + file[2].drop { $0 != "I" }, file[0]].joined(
      separator: "\n")
    let proofs = AccountProofs([UInt8](twice.utf8), keys: keys, at: now)
    #expect(proofs.refused.isEmpty && proofs.permID(of: octocat) == permID(ada))

    var table = ProofTable()
    func statement(_ peer: String, _ seconds: UInt64) -> AccountStatement {
      AccountStatement(
        account: octocat, permID: permID(peer), time: WallTime(milliseconds: seconds * 1000))
    }
    #expect(table.take(statement(ada, 5), 1) == [])
    #expect(table.take(statement(bob, 4), 2) == [.init(line: 2, .superseded(octocat))])
    #expect(table.take(statement(bob, 6), 3) == [.init(line: 1, .superseded(octocat))])
    #expect(table.permID(of: octocat) == permID(bob))
    let both = [
      RefusedProof(line: 3, .contradiction(octocat)),
      RefusedProof(line: 4, .contradiction(octocat)),
    ]
    #expect(table.take(statement(ada, 6), 4) == both)
    #expect(table.permID(of: octocat) == nil && table.statements.isEmpty)
    #expect(table.take(statement(bob, 6), 5) == [])
    #expect(table.take(statement(ada, 7), 6) == [.init(line: 3, .superseded(octocat))])
    #expect(table.permID(of: octocat) == permID(ada))
  }
}
