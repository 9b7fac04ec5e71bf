import IPv8DataPlane
import IPv8Store
import IPv8Wire
import Testing

@testable import IPv8Daemon

@Suite("Alias book")
struct AliasBookTests {
  private static let configured = IPv4Prefix(containing: IPv4Address(0x6440_0000), length: 10)

  private func permID(_ number: UInt8) throws -> PermID {
    try #require(PermID([UInt8](repeating: number, count: 32)))
  }

  private func prefix(_ text: String) throws -> IPv4Prefix {
    try #require(IPv4Prefix(text: text))
  }

  @Test("gives each peer the first candidate of its PermID, inside the range")
  func derivation() throws {
    var book = try #require(
      AliasBook(configured: Self.configured, underlay: [], own: try permID(1)))
    let alias = try #require(book.assign(try permID(2), previous: nil))
    #expect(Self.configured.contains(alias.address))
    #expect(
      alias.address
        == AliasRange(Self.configured).candidate(
          for: try permID(2), index: UInt32(alias.index)))
    #expect(book.own != alias.address)
  }

  @Test("gives the same address again, and never one to two peers")
  func clashes() throws {
    // A range of two addresses and two peers beside ourselves: one of them goes without.
    let small = try prefix("10.0.0.0/30")
    var book = try #require(AliasBook(configured: small, underlay: [], own: try permID(1)))
    let first = try #require(book.assign(try permID(2), previous: nil))
    #expect(book.assign(try permID(2), previous: first) == first)
    #expect(first.address != book.own)
    #expect(book.assign(try permID(3), previous: nil) == nil)
    book.release(try permID(2))
    #expect(book.assign(try permID(3), previous: nil)?.address == first.address)
  }

  @Test("keeps an address from an earlier start only while range and underlay allow it")
  func previous() throws {
    let taken = StoredContact.Alias(index: 0, address: IPv4Address(0x6440_0909))
    var book = try #require(
      AliasBook(configured: Self.configured, underlay: [], own: try permID(1)))
    #expect(book.assign(try permID(2), previous: taken) == taken)
    var used = try #require(
      AliasBook(
        configured: Self.configured, underlay: [try prefix("100.64.9.0/24")],
        own: try permID(1)))
    #expect(used.assign(try permID(2), previous: taken) != taken)
    var elsewhere = try #require(
      AliasBook(configured: try prefix("10.0.0.0/8"), underlay: [], own: try permID(1)))
    #expect(elsewhere.assign(try permID(2), previous: taken) != taken)
  }

  @Test("avoids networks of the underlay, and leaves a range that is wholly used")
  func underlay() throws {
    let half = try prefix("100.64.0.0/11")
    var book = try #require(
      AliasBook(configured: Self.configured, underlay: [half], own: try permID(1)))
    for number in UInt8(2)...60 {
      let alias = try #require(book.assign(try permID(number), previous: nil))
      #expect(!half.contains(alias.address) && Self.configured.contains(alias.address))
    }
    let whole = try #require(
      AliasBook(
        configured: Self.configured, underlay: [try prefix("100.64.0.0/10")],
        own: try permID(1)))
    #expect(!Self.configured.contains(whole.own))
    #expect(
      AliasBook(
        configured: Self.configured, underlay: AliasBook.alternatives, own: try permID(1)) == nil)
  }
}
