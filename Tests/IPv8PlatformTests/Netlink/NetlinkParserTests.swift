import CIPv8Linux
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("The netlink parser")
struct NetlinkParserTests {
  private static let interface = InterfaceIndex(7)
  private static let address = IPv6Address(0xfd00 << 112 | 1)

  private static func body(_ bytes: [UInt8]) throws -> [UInt8] {
    let message = try #require(parsedMessage(bytes))
    #expect(message.end == bytes.count && message.sequence == 5)
    return [UInt8](bytes[message.body])
  }

  private static func samples() throws -> [[UInt8]] {
    let prefix = IPPrefix.v6(try #require(IPv6Prefix(IPv6Address(0xfde8 << 112), length: 16)))
    var link = NetlinkRequest.link(interface, flags: UInt32(IFF_UP))
    link.attribute(IFLA_IFNAME, [UInt8]("wlan0".utf8) + [0])
    link.attribute(IFLA_MTU, native(UInt32(1_500)))
    return [
      NetlinkRequest.address(
        type: RTM_NEWADDR, flags: 0, .v6(address), prefixLength: 64, interface: interface),
      NetlinkRequest.route(
        type: RTM_NEWROUTE, flags: 0, prefix, interface: interface, metric: 9),
      link,
    ].map { $0.encoded(sequence: 5) }
  }

  @Test("reads what a request of the same layout holds")
  func roundTrip() throws {
    let samples = try Self.samples()
    let addressBody = try Self.body(samples[0])
    let routeBody = try Self.body(samples[1])
    let linkBody = try Self.body(samples[2])
    let parsedAddress = NetlinkParser.address(addressBody.rawSpan)
    let address = try #require(parsedAddress)
    #expect(address.interface == Self.interface && address.address == .v6(Self.address))
    #expect(address.prefixLength == 64 && address.scope == .global && !address.isUnusable)
    let parsedRoute = NetlinkParser.route(routeBody.rawSpan)
    let route = try #require(parsedRoute)
    #expect(route.destination.length == 16 && route.metric == 9)
    #expect(route.interface == Self.interface)
    let link = Link(
      interface: Self.interface, name: "wlan0", mtu: 1_500, isUp: true, isLoopback: false,
      isBroadcast: false)
    let parsedLink = NetlinkParser.link(linkBody.rawSpan)
    #expect(parsedLink == link)
  }

  @Test("of a message cut anywhere, nothing is read")
  func truncation() throws {
    for sample in try Self.samples() {
      for length in 0..<sample.count {
        #expect(parsedMessage([UInt8](sample.prefix(length))) == nil)
      }
    }
  }

  @Test("random and mutated bytes never trap")
  func mutations() throws {
    var random = SeededRandom(seed: 0x6e65_746c)
    var understood = 0
    for sample in try Self.samples() {
      for _ in 0..<20_000 {
        var bytes = sample
        for _ in 0..<Int.random(in: 1...6, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(
            in: 0...255, using: &random)
        }
        bytes.removeLast(Int.random(in: 0...8, using: &random))
        var offset = 0
        while let message = NetlinkMessage(bytes.rawSpan, at: offset) {
          #expect(message.end > offset)
          offset = message.end
          understood += Self.parseAll(bytes.rawSpan.extracting(message.body))
        }
        understood += Self.parseAll(bytes.rawSpan)
      }
    }
    #expect(understood > 1_000, "mutations reach beyond the first check")
  }

  private static func parseAll(_ body: RawSpan) -> Int {
    (NetlinkParser.address(body) == nil ? 0 : 1) + (NetlinkParser.route(body) == nil ? 0 : 1)
      + (NetlinkParser.link(body) == nil ? 0 : 1) + (NetlinkParser.errorCode(body) == nil ? 0 : 1)
  }
}
