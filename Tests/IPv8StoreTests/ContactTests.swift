import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct ContactTests {
  let directory: TemporaryDirectory
  let store: Store
  let alice: SamplePeer
  let bob: SamplePeer

  init() throws {
    directory = try TemporaryDirectory()
    store = try Store(path: directory.database)
    alice = try SamplePeer(1)
    bob = try SamplePeer(2)
  }

  @Test("what is told of a contact is there after reopening")
  func persistence() throws {
    let told = ["192.0.2.1:41641", "[2001:db8::1]:7", "host.example:9"]
    let added = try store.add(alice, name: "alice", endpoints: told, keepOpen: true, at: 5)
    let reopened = try Store(path: directory.database)
    let contact = try #require(try reopened.contacts().first)
    #expect(contact == added)
    #expect(contact.permID == alice.permID && contact.address == alice.address)
    #expect(contact.name == "alice" && contact.keepOpen && contact.added.milliseconds == 5)
    #expect(contact.endpoints.map(\.description) == told)
    #expect(contact.alias == nil && contact.lastSeen == nil && contact.lastOpen == nil)
  }

  @Test("adding again changes what is given and keeps the rest")
  func addingAgain() throws {
    try store.add(alice, name: "alice", endpoints: ["192.0.2.1:1"], keepOpen: true, at: 5)
    var contact = try store.add(alice, endpoints: ["192.0.2.2:2"], at: 9)
    #expect(contact.name == "alice" && contact.keepOpen && contact.added.milliseconds == 5)
    #expect(contact.endpoints.map(\.description) == ["192.0.2.2:2"])
    contact = try store.add(alice, name: "al", keepOpen: false)
    #expect(contact.name == "al" && !contact.keepOpen && contact.endpoints.count == 1)
    #expect(try store.contacts().count == 1)
  }

  @Test("a name belongs to one peer, and a refused addition leaves nothing behind")
  func nameTaken() throws {
    try store.add(alice, name: "alice")
    #expect(throws: StoreError.nameTaken("alice")) { try store.add(bob, name: "alice") }
    #expect(try store.contacts().map(\.permID) == [alice.permID])
    #expect(try store.peer(bob.permID) == nil)
    try store.removeContact(alice.permID)
    #expect(try store.add(bob, name: "alice").name == "alice")
  }

  @Test("a contact may be given its own name again")
  func sameName() throws {
    try store.add(alice, name: "alice")
    #expect(try store.add(alice, name: "alice").name == "alice")
  }

  @Test(
    "a name that is empty, long, blank at an end, with controls or a slash, or an address is none",
    arguments: [
      "", " bob", "bob ", "bo\u{7}b", "bo\nb", "a/b", "\u{202e}bob", "10.0.0.1", "fde8::1",
      "::", String(repeating: "x", count: 33), String(repeating: "é", count: 17),
      String(repeating: "a", count: 52),
    ])
  func badName(_ name: String) throws {
    #expect(throws: StoreError.nameInvalid(name)) { try store.add(alice, name: name) }
    #expect(try store.contacts().isEmpty)
  }

  @Test(
    "any other name of up to 32 bytes is one",
    arguments: ["b", "Bob's laptop", "été", "東京", String(repeating: "x", count: 32)])
  func goodName(_ name: String) throws {
    #expect(try store.add(alice, name: name).name == name)
  }

  @Test("the seventeenth endpoint is refused")
  func endpointLimit() throws {
    let sixteen = (1...16).map { "192.0.2.1:\($0)" }
    try store.add(alice, endpoints: sixteen)
    #expect(throws: StoreError.tooManyEndpoints(limit: 16)) {
      try store.add(alice, endpoints: sixteen + ["192.0.2.1:17"])
    }
    #expect(try store.contact(alice.permID)?.endpoints.count == 16)
  }

  @Test("a removed contact leaves its handshake time and its signed binding, nothing that was told")
  func removal() throws {
    try store.add(alice, name: "alice", endpoints: ["192.0.2.1:1"])
    try store.add(bob, endpoints: ["192.0.2.2:2"])
    try store.setHandshakeTime(alice.permID, to: 77)
    try store.putBinding(binding(bob, port: 9, at: 1, signed: true))
    #expect(try store.removeContact(alice.permID) && store.removeContact(bob.permID))
    #expect(try store.contacts().isEmpty)
    #expect(try store.binding(of: alice.permID) == nil)
    #expect(try store.binding(of: bob.permID)?.isSigned == true)
    #expect(try !store.removeContact(alice.permID))
    let again = try store.add(alice)
    #expect(again.peer.handshakeTime == 77 && again.endpoints.isEmpty && again.name == nil)
  }

  @Test("a handshake time only grows")
  func handshakeTime() throws {
    try store.add(alice)
    for (time, kept) in [(10, 10), (9, 10), (11, 11), (0, 11)] as [(UInt64, UInt64)] {
      try store.setHandshakeTime(alice.permID, to: time)
      #expect(try store.peer(alice.permID)?.handshakeTime == kept)
    }
  }

  @Test("the last session's endpoint is kept in either family, without link-local ones")
  func lastSeen() throws {
    try store.add(alice)
    let v4 = try #require(Endpoint(text: "192.0.2.9:5"))
    let v6 = try #require(Endpoint(text: "[2001:db8::9]:6"))
    try store.noteOpen(alice.permID, from: v6, now: WallTime(milliseconds: 1))
    #expect(try store.contact(alice.permID)?.lastSeen == v6)
    try store.noteOpen(alice.permID, from: v4, now: WallTime(milliseconds: 2))
    #expect(try store.contact(alice.permID)?.lastSeen == v4)
    let linkLocal = Endpoint(.v6(IPv6Address(0xfe80 << 112 | 1)), port: 7, scope: 3)
    try store.noteOpen(alice.permID, from: linkLocal, now: WallTime(milliseconds: 3))
    let contact = try #require(try store.contact(alice.permID))
    #expect(contact.lastSeen == v4 && contact.lastOpen == WallTime(milliseconds: 3))
  }

  @Test("an alias belongs to one contact and goes with it")
  func alias() throws {
    try store.add(alice)
    try store.add(bob)
    let alias = StoredContact.Alias(index: 3, address: IPv4Address(0x6440_0001))
    try store.setAlias(alice.permID, to: alias)
    #expect(try store.contact(alice.permID)?.alias == alias)
    #expect(throws: StoreError.aliasTaken(alias.address)) {
      try store.setAlias(bob.permID, to: alias)
    }
    try store.removeContact(alice.permID)
    try store.setAlias(bob.permID, to: alias)
    #expect(try store.contact(bob.permID)?.alias == alias)
    try store.setAlias(bob.permID, to: nil)
    #expect(try store.contact(bob.permID)?.alias == nil)
  }

  @Test("the contact after the last that fits is refused")
  func contactLimit() throws {
    try store.write { database in
      try database.execute(
        sql: """
          WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n WHERE i < 5095)
          INSERT INTO id_peer SELECT i, randomblob(32), randomblob(14), 0, 0 FROM n
          """)
      try database.execute(
        sql: "INSERT INTO contact(id, added, keep_open) SELECT id, 0, 0 FROM id_peer")
    }
    #expect(try store.contacts().count == Store.contactLimit)
    #expect(throws: StoreError.tooManyContacts(limit: 4096)) { try store.add(alice) }
    #expect(try store.contacts().count == Store.contactLimit)
  }
}
