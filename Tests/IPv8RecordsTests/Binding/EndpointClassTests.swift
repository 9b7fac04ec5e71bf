import IPv8Records
import IPv8Wire
import Testing

/// docs/protocol/binding.md, "Endpoints".
@Suite("Endpoints in records")
struct EndpointClassTests {
  private static func endpoint(_ text: String) throws -> Endpoint {
    Endpoint(try #require(IPAddress(text: text)), port: 1)
  }

  @Test(
    "count as global outside private, shared, link-local and unique local ranges",
    arguments: [
      ("203.0.113.1", true), ("198.18.0.1", true), ("198.19.255.255", true), ("192.0.2.1", true),
      ("198.51.100.7", true), ("8.8.8.8", true), ("2001:db8::1", true), ("2600::1", true),
      ("10.0.0.0", false), ("10.255.255.255", false), ("9.255.255.255", true), ("11.0.0.0", true),
      ("172.15.255.255", true), ("172.16.0.0", false), ("172.31.255.255", false),
      ("172.32.0.0", true), ("192.167.255.255", true), ("192.168.0.0", false),
      ("192.168.255.255", false), ("192.169.0.0", true), ("169.253.255.255", true),
      ("169.254.0.0", false), ("169.254.255.255", false), ("169.255.0.0", true),
      ("100.63.255.255", true), ("100.64.0.0", false), ("100.127.255.255", false),
      ("100.128.0.0", true), ("fbff::", true), ("fc00::", false), ("fdff::1", false),
      ("fe00::", true), ("fe7f::", true), ("fe80::1", false), ("febf::", false), ("fec0::", true),
    ])
  func global(text: String, isGlobal: Bool) throws {
    #expect(try Self.endpoint(text).isGlobal == isGlobal)
  }

  @Test(
    "are usable unless unspecified, loopback, multicast, broadcast, mapped, discard-only or of the overlay",
    arguments: [
      ("0.0.0.0", false), ("0.255.255.255", false), ("1.0.0.0", true), ("126.255.255.255", true),
      ("127.0.0.1", false), ("127.255.255.255", false), ("128.0.0.0", true),
      ("223.255.255.255", true), ("224.0.0.0", false), ("239.1.1.1", false), ("240.0.0.0", false),
      ("255.255.255.255", false), ("10.0.0.1", true), ("203.0.113.1", true), ("198.18.0.1", true),
      ("::", false), ("::1", false), ("::2", true), ("ff02::1", false), ("fe80::1", true),
      ("fde8::1", false), ("fde7:ffff::", true), ("fde9::", true), ("::ffff:203.0.113.1", false),
      ("2001:db8::1", true), ("100::1", false), ("100:0:0:1::1", true),
    ])
  func usable(text: String, isUsable: Bool) throws {
    #expect(try Self.endpoint(text).isUsable == isUsable)
  }

  @Test("are not usable with port 0")
  func portZero() throws {
    #expect(!Endpoint(try #require(IPAddress(text: "203.0.113.1")), port: 0).isUsable)
  }
}
