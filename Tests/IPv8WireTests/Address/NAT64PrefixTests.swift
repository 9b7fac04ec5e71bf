import IPv8Wire
import TestVectors
import Testing

@Suite("A NAT64's prefix")
struct NAT64PrefixTests {
  private static func prefix(_ text: String) throws -> NAT64Prefix {
    try #require(NAT64Prefix(text: text))
  }

  private static func v6(_ text: String) throws -> IPv6Address {
    try #require(IPv6Address(text: text))
  }

  @Test(
    "holds IPv4 addresses as the tables of RFC 6052 §2.4 have them",
    arguments: [
      ("2001:db8::/32", "2001:db8:c000:221::"), ("2001:db8:100::/40", "2001:db8:1c0:2:21::"),
      ("2001:db8:122::/48", "2001:db8:122:c000:2:2100::"),
      ("2001:db8:122:300::/56", "2001:db8:122:3c0:0:221::"),
      ("2001:db8:122:344::/64", "2001:db8:122:344:c0:2:2100:0"),
      ("2001:db8:122:344::/96", "2001:db8:122:344::192.0.2.33"),
      ("64:ff9b::/96", "64:ff9b::192.0.2.33"),
    ])
  func tables(text: String, expected: String) throws {
    let prefix = try Self.prefix(text)
    let address = try #require(IPv4Address(text: "192.0.2.33"))
    #expect(prefix.description == text)
    #expect(prefix.embed(address) == (try Self.v6(expected)))
    #expect(prefix.extract(try Self.v6(expected)) == address)
    #expect((prefix == .wellKnown) == text.hasPrefix("64:"))
  }

  @Test("agrees with one that goes bit by bit, and finds what it held in no other address")
  func bits() throws {
    var random = TestRandom("NAT64")
    for _ in 0..<5_000 {
      let length = NAT64Prefix.lengths[Int(random.next() % 6)]
      let bits = random.integer(UInt128.self) & ~(UInt128(0xff) << 56)
      let inner = IPv6Prefix(containing: IPv6Address(bits), length: length)
      let prefix = try #require(NAT64Prefix(inner))
      let address = IPv4Address(random.integer())
      let embedded = prefix.embed(address)
      #expect(embedded == Self.slowly(address, under: inner) && prefix.extract(embedded) == address)
      let changed = embedded.value ^ 1 << UInt128(random.next() % 128)
      if let other = prefix.extract(IPv6Address(changed)) {
        #expect(other != address && prefix.embed(other).value == changed)
      }
    }
  }

  /// Sets the bits of `address` one after the other, leaving bits 64 to 71 out (RFC 6052 §2.2).
  private static func slowly(_ address: IPv4Address, under prefix: IPv6Prefix) -> IPv6Address {
    var value = prefix.address.value
    var place = prefix.length
    for bit in 0..<32 {
      if place == 64 { place = 72 }
      if address.value >> UInt32(31 - bit) & 1 == 1 { value |= 1 << UInt128(127 - place) }
      place += 1
    }
    return IPv6Address(value)
  }

  @Test(
    "has one of six lengths, and bits 64 to 71 are zero",
    arguments: [
      "64:ff9b::/95", "64:ff9b::/97", "2001:db8::/33", "::/0", "2001:db8::/128", "64:ff9b::1/96",
      "2001:db8:0:0:100::/96", "64:ff9b::", "64:ff9b::/", "64:ff9b::/096", "10.0.0.0/8", "",
    ])
  func refusals(text: String) { #expect(NAT64Prefix(text: text) == nil) }

  @Test("stands for global IPv4 hosts alone, in both directions")
  func endpoints() throws {
    let prefix = NAT64Prefix.wellKnown
    func endpoint(_ text: String) throws -> Endpoint { try #require(Endpoint(text: text)) }
    let global = try endpoint("203.0.113.7:41641")
    #expect(prefix.outward(global) == (try endpoint("[64:ff9b::cb00:7107]:41641")))
    #expect(prefix.inward(prefix.outward(global)) == global && prefix.inward(global) == global)
    for text in [
      "10.0.0.1:1", "192.168.1.1:1", "100.64.0.1:1", "127.0.0.1:1", "169.254.1.1:1", "224.0.0.1:1",
      "192.0.0.1:1", "[2001:db8::1]:1", "[64:ff9b:1::cb00:7107]:1",
    ] {
      let other = try endpoint(text)
      #expect(prefix.outward(other) == other && prefix.inward(other) == other)
    }
    let within = try endpoint("[64:ff9b::10.0.0.1]:1")
    #expect(prefix.inward(within) == within)
    #expect(prefix.inward([prefix.outward(global), within, global]) == [global, within])
  }

  @Test("is found in what a resolver makes of a name with IPv4 addresses alone (RFC 7050 §3)")
  func discovery() throws {
    let addresses = [IPv4Address(0xc000_00aa), IPv4Address(0xc000_00ab)]
    for text in ["64:ff9b::/96", "2001:db8:122:344::/64", "2001:db8:122:300::/56", "fd00::/32"] {
      let prefix = try Self.prefix(text)
      #expect(NAT64Prefix(discovering: addresses.map { prefix.embed($0) }) == prefix)
      #expect(NAT64Prefix(discovering: [prefix.embed(addresses[1])]) == prefix)
    }
    #expect(NAT64Prefix(discovering: []) == nil)
    #expect(NAT64Prefix(discovering: [try Self.v6("2001:db8::1")]) == nil)
    // A /96 that has such an address within, as if by a /32: both addresses tell which it is.
    let tricky = try Self.prefix("2001:db8:c000:aa::/96")
    #expect(NAT64Prefix(discovering: addresses.map { tricky.embed($0) }) == tricky)
    let other = try Self.prefix("2001:db8::/32")
    #expect(
      NAT64Prefix(discovering: [tricky.embed(addresses[0])] + addresses.map { other.embed($0) })
        == other)
  }
}
