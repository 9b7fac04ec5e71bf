import IPv8Wire
import Testing

@testable import IPv8Daemon
@testable import IPv8Platform

@Suite("Ways out of this host")
struct WaysOutTests {
  private func address(
    _ text: String, interface: UInt32 = 2, isUnusable: Bool = false
  ) throws -> InterfaceAddress {
    InterfaceAddress(
      interface: InterfaceIndex(interface), address: try #require(IPAddress(text: text)),
      prefixLength: 24, scope: .global, isUnusable: isUnusable, isTemporary: false)
  }

  private func route(to text: String, by gateway: String? = nil) throws -> Route {
    let destination: IPPrefix =
      if let v4 = IPv4Prefix(text: text) { .v4(v4) } else {
        .v6(try #require(IPv6Prefix(text: text)))
      }
    return Route(
      destination: destination, interface: InterfaceIndex(2),
      gateway: try gateway.map { try #require(IPAddress(text: $0)) }, metric: 100)
  }

  @Test("are others by an address, a route or a gateway, in whatever order they are read")
  func changes() throws {
    let (addresses, routes) = (
      [try address("192.168.1.7"), try address("2001:db8::7")],
      [try route(to: "0.0.0.0/0", by: "192.168.1.1"), try route(to: "::/0", by: "fe80::1")]
    )
    let ways = WaysOut(addresses, routes)
    #expect(ways == WaysOut(addresses.reversed(), routes.reversed()))
    #expect(ways != WaysOut([addresses[0]], routes))
    #expect(ways != WaysOut(addresses + [try address("10.1.2.3", interface: 3)], routes))
    #expect(ways != WaysOut(addresses, routes + [try route(to: "10.0.0.0/8")]))
    #expect(ways != WaysOut(addresses, [routes[0]]))
    #expect(
      ways != WaysOut(addresses, [try route(to: "0.0.0.0/0", by: "192.168.1.2"), routes[1]]))
    // An address whose duplicate detection ends is one that this host has from then on.
    let tentative = try address("2001:db8::7", isUnusable: true)
    #expect(ways != WaysOut([addresses[0], tentative], routes))
  }

  @Test("are the same where only a link of its own changes")
  func links() throws {
    let (addresses, routes) = ([try address("192.168.1.7")], [try route(to: "192.168.1.0/24")])
    let ways = WaysOut(addresses, routes)
    for isUnusable in [true, false] {
      let own = try address("fe80::7", isUnusable: isUnusable)
      #expect(ways == WaysOut(addresses + [own], routes + [try route(to: "fe80::/64")]))
    }
    #expect(ways == WaysOut(addresses + [try address("169.254.3.4", interface: 3)], routes))
  }
}
