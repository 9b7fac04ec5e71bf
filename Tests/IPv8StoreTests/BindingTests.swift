import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct BindingTests {
  let directory: TemporaryDirectory
  let store: Store
  let alice: SamplePeer

  init() throws {
    directory = try TemporaryDirectory()
    store = try Store(path: directory.database)
    alice = try SamplePeer(1)
    try store.add(alice)
  }

  @Test("every field of a binding comes back")
  func roundTrip() throws {
    let whole = StoredBinding(
      permID: alice.permID, ipv4: IPv4Address(.max), port: 65_535, ipv6: IPv6Address(.max),
      port6: 65_534, timestamp: WallTime(milliseconds: 1_700_000_000_000),
      certificate: [UInt8](0...255))
    #expect(try store.putBinding(whole))
    #expect(try Store(path: directory.database).binding(of: alice.permID) == whole)
    #expect(whole.endpoints.map(\.port) == [65_535, 65_534])
  }

  @Test("a signed binding replaces what was told, whatever the times")
  func signedReplacesTold() throws {
    #expect(try store.putBinding(binding(alice, port: 1, at: 100, signed: false)))
    #expect(try store.putBinding(binding(alice, port: 2, at: 1, signed: true)))
    #expect(try store.binding(of: alice.permID)?.port == 2)
  }

  @Test("what is told never replaces a signed binding")
  func toldDoesNotReplaceSigned() throws {
    try store.putBinding(binding(alice, port: 2, at: 1, signed: true))
    #expect(try !store.putBinding(binding(alice, port: 1, at: 100, signed: false)))
    try store.add(alice, endpoints: ["192.0.2.1:1"])
    #expect(try store.binding(of: alice.permID)?.port == 2)
  }

  @Test("among signed bindings only a strictly later one wins")
  func latestWins() throws {
    #expect(try store.putBinding(binding(alice, port: 1, at: 10, signed: true)))
    #expect(try !store.putBinding(binding(alice, port: 2, at: 9, signed: true)))
    #expect(try !store.putBinding(binding(alice, port: 3, at: 10, signed: true)))
    #expect(try store.binding(of: alice.permID)?.port == 1)
    #expect(try store.putBinding(binding(alice, port: 4, at: 11, signed: true)))
    #expect(try store.binding(of: alice.permID)?.port == 4)
  }

  @Test("in any order of arrival the same signed binding remains")
  func orderDoesNotMatter() throws {
    var random = SeededRandom(seed: 20)
    for _ in 0..<20 {
      let directory = try TemporaryDirectory()
      let store = try Store(path: directory.database)
      try store.add(alice)
      for time in (1...8).shuffled(using: &random) {
        try store.putBinding(binding(alice, port: UInt16(time), at: UInt64(time), signed: true))
      }
      #expect(try store.binding(of: alice.permID)?.port == 8)
    }
  }

  @Test("the first literal of each family that the user tells is the unsigned binding")
  func told() throws {
    try store.add(
      alice, endpoints: ["a.example:1", "192.0.2.1:2", "192.0.2.2:3", "[2001:db8::1]:4"], at: 6)
    let told = try #require(try store.binding(of: alice.permID))
    #expect(!told.isSigned && told.timestamp.milliseconds == 6)
    #expect(told.endpoints.map(\.description) == ["192.0.2.1:2", "[2001:db8::1]:4"])
    try store.add(alice, endpoints: ["a.example:1"])
    #expect(try store.binding(of: alice.permID) == nil)
  }

  @Test("a known peer that is no contact has a binding all the same")
  func noContact() throws {
    let own = try SamplePeer(8)
    for _ in 0..<2 {
      try store.addPeer(own.permID, address: own.address, now: WallTime(milliseconds: 4))
    }
    #expect(try store.putBinding(binding(own, port: 1, at: 1, signed: true)))
    #expect(try store.contact(own.permID) == nil)
    #expect(try store.peer(own.permID)?.firstSeen.milliseconds == 4)
  }

  @Test("a binding of an unknown peer is not stored")
  func unknownPeer() throws {
    let stranger = try SamplePeer(9)
    #expect(try !store.putBinding(binding(stranger, port: 1, at: 1, signed: true)))
    #expect(try store.binding(of: stranger.permID) == nil)
  }
}
