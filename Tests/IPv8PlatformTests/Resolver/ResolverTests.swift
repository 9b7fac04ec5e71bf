import IPv8Platform
import IPv8Wire
import Testing

@Suite("The resolver")
struct ResolverTests {
  @Test(
    "a literal is its own endpoint",
    arguments: ["203.0.113.7:41641", "[2001:db8::1]:9", "[::ffff:10.0.0.1]:1"])
  func literals(text: String) throws {
    let host = try #require(HostPort(text: text))
    let endpoints = try Resolver.resolve(host)
    #expect(endpoints.map(\.description) == [text])
  }

  @Test("localhost is loopback, each endpoint once")
  func localhost() throws {
    let endpoints = try Resolver.resolve(try #require(HostPort(text: "localhost:41641")))
    let loopback: Set = [
      Endpoint(.v4(IPv4Address(0x7f00_0001)), port: 41_641),
      Endpoint(.v6(IPv6Address(1)), port: 41_641),
    ]
    #expect(!endpoints.isEmpty && loopback.isSuperset(of: endpoints))
    #expect(Set(endpoints).count == endpoints.count)
  }

  @Test("a name that cannot exist is an error")
  func missing() throws {
    let host = try #require(HostPort(text: "no-such-host.invalid:1"))
    #expect(throws: ResolveError.self) { try Resolver.resolve(host) }
  }
}
