import IPv8Wire
import TestVectors
import Testing

@Suite("Endpoints")
struct EndpointTests {
  @Test("are read as they are written")
  func roundTrip() {
    var random = TestRandom("Endpoint")
    for _ in 0..<10_000 {
      let address: IPAddress =
        random.oneIn(2) ? .v4(IPv4Address(random.integer())) : .v6(IPv6Address(random.integer()))
      let endpoint = Endpoint(address, port: max(1, random.integer()))
      #expect(Endpoint(text: endpoint.description) == endpoint)
      #expect(HostPort(text: endpoint.description)?.description == endpoint.description)
    }
  }

  @Test("print the scope of a link-local address")
  func scope() throws {
    let address = try #require(IPAddress(text: "fe80::1"))
    #expect(Endpoint(address, port: 5, scope: 3).description == "[fe80::1%3]:5")
  }

  @Test(
    "of users are names, literals, or bracketed IPv6 literals",
    arguments: [
      ("example.org:1", "example.org"), ("a:65535", "a"), ("A-1.b:2", "A-1.b"),
      ("192.0.2.1:41641", "192.0.2.1"), ("[2001:db8::1]:9", "2001:db8::1"),
      ("3com.net:1", "3com.net"),
    ])
  func hosts(text: String, host: String) {
    #expect(HostPort(text: text)?.host == host)
  }

  @Test(
    "are refused with a bad port or an implausible host",
    arguments: [
      "", ":", "a", "a:", ":1", "a:0", "a:65536", "a:01", "a:+1", "a: 1", "a:1 ", "-a:1", "a-:1",
      "a..b:1", ".a:1", "a.:1", "a_b:1", "a b:1", "1.2.3:1", "1.2.3.256:1", "1.2.3.4.5:1", "1:1",
      "::1:1", "[::1]", "[::1:1", "::1]:1", "[1.2.3.4]:1", "[]:1", "[a]:1", "[::1]x:1", "a/b:1",
      "\u{e4}.org:1", "a\u{0}:1", "[fe80::1%2]:1",
    ])
  func refusals(text: String) {
    #expect(HostPort(text: text) == nil)
    #expect(Endpoint(text: text) == nil)
  }

  @Test("have names and labels within the limits of DNS")
  func lengths() {
    let label = String(repeating: "a", count: 63)
    #expect(HostPort(text: "\(label):1") != nil)
    #expect(HostPort(text: "a\(label):1") == nil)
    let long = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
    #expect(long.utf8.count == 253 && HostPort(text: "\(long):1") != nil)
    #expect(HostPort(text: "\(long)b:1") == nil)
  }

  @Test("prefixes contain and overlap as their bits say")
  func prefixes() {
    var random = TestRandom("Prefixes")
    for _ in 0..<5_000 {
      let (bits4, length4) = (random.integer(UInt32.self), Int(random.next() % 33))
      let prefix4 = IPv4Prefix(containing: IPv4Address(bits4), length: length4)
      let other4 = bits4 ^ (random.oneIn(2) ? 1 << UInt32(random.next() % 32) : 0)
      let same4 = (0..<length4).allSatisfy { (bits4 ^ other4) >> UInt32(31 - $0) & 1 == 0 }
      #expect(prefix4.contains(IPv4Address(other4)) == same4)
      let (bits6, length6) = (random.integer(UInt128.self), Int(random.next() % 129))
      let prefix6 = IPv6Prefix(containing: IPv6Address(bits6), length: length6)
      let other6 = bits6 ^ (random.oneIn(2) ? 1 << UInt128(random.next() % 128) : 0)
      let same6 = (0..<length6).allSatisfy { (bits6 ^ other6) >> UInt128(127 - $0) & 1 == 0 }
      #expect(prefix6.contains(IPv6Address(other6)) == same6)
      let shorter = IPv4Prefix(containing: IPv4Address(other4), length: Int(random.next() % 33))
      let common = min(length4, shorter.length)
      let overlap = (0..<common).allSatisfy { (bits4 ^ other4) >> UInt32(31 - $0) & 1 == 0 }
      #expect(prefix4.overlaps(shorter) == overlap && shorter.overlaps(prefix4) == overlap)
    }
  }

  @Test("prefixes with host bits or a length out of range do not exist")
  func noPrefix() {
    #expect(IPv4Prefix(text: "10.0.0.1/8") == nil && IPv4Prefix(text: "10.0.0.0/33") == nil)
    #expect(IPv4Prefix(text: "10.0.0.0") == nil && IPv4Prefix(text: "0.0.0.0/0") != nil)
    #expect(IPv4Prefix(IPv4Address(1), length: 31) == nil)
    #expect(IPv4Prefix(IPv4Address(0), length: -1) == nil)
    #expect(IPv6Prefix(IPv6Address(1), length: 127) == nil)
    #expect(IPv6Prefix(IPv6Address(1), length: 128) != nil)
    #expect(IPv6Prefix(IPv6Address(0), length: 129) == nil)
  }
}
