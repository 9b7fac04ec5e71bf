import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("Netlink", .enabled(if: isRoot, "needs root"))
struct NetlinkTests {
  private static let addresses: [(address: IPAddress, length: Int)] = [
    (.v4(IPv4Address(0x0a4d_0001)), 24), (.v6(IPv6Address(0xfd00 << 112 | 1)), 64),
  ]

  @Test("addresses are added and removed once however often that is asked, and read back")
  func addressRoundTrip() throws {
    try isolated(.network) {
      let device = try TunDevice(name: "test0")
      let index = device.interfaceIndex
      var netlink = try Netlink()
      for (address, length) in Self.addresses {
        for _ in 0..<2 { try netlink.addAddress(address, prefixLength: length, to: index) }
        let found = try netlink.addresses().filter { $0.address == address }
        #expect(found.map(\.prefixLength) == [length])
        #expect(found.allSatisfy { $0.interface == index && $0.scope == .global })
        #expect(found.allSatisfy { !$0.isUnusable && !$0.isTemporary })
        for _ in 0..<2 { try netlink.removeAddress(address, prefixLength: length, from: index) }
        #expect(try !netlink.addresses().contains { $0.address == address })
      }
      #expect(try netlink.addresses().contains { $0.address == .v4(IPv4Address(0x7f00_0001)) })
    }
  }

  @Test("routes are added and removed once however often that is asked, and read back")
  func routeRoundTrip() throws {
    try isolated(.network) {
      let device = try TunDevice(name: "test0")
      let other = try TunDevice(name: "test1")
      var netlink = try Netlink()
      try netlink.setUp(device.interfaceIndex)
      try netlink.setUp(other.interfaceIndex)
      let prefixes: [IPPrefix] = [
        .v4(try #require(IPv4Prefix(IPv4Address(0x6440_0001), length: 32))),
        .v6(try #require(IPv6Prefix(IPv6Address(0xfde8 << 112), length: 16))),
      ]
      for prefix in prefixes {
        for _ in 0..<2 { try netlink.addRoute(to: prefix, through: device.interfaceIndex) }
        #expect(try netlink.routes().filter { $0.destination == prefix }.count == 1)
        let route = try #require(try netlink.routes().first { $0.destination == prefix })
        #expect(route.interface == device.interfaceIndex && route.gateway == nil)
        let conflict = #expect(throws: SystemError.self) {
          try netlink.addRoute(to: prefix, through: other.interfaceIndex)
        }
        #expect(conflict?.errno == EEXIST)
        for _ in 0..<2 { try netlink.removeRoute(to: prefix, through: device.interfaceIndex) }
        #expect(try !netlink.routes().contains { $0.destination == prefix })
        try netlink.addRoute(to: prefix, through: device.interfaceIndex, metric: 77)
        #expect(try netlink.routes().first { $0.destination == prefix }?.metric == 77)
      }
    }
  }

  @Test("MTU and state of a link read back as set")
  func links() throws {
    try isolated(.network) {
      let device = try TunDevice(name: "test0")
      var netlink = try Netlink()
      try netlink.setMTU(1_337, of: device.interfaceIndex)
      try netlink.setTransmitQueueLength(50, of: device.interfaceIndex)
      var link = try #require(try netlink.links().first { $0.name == "test0" })
      #expect(link.interface == device.interfaceIndex && link.mtu == 1_337 && !link.isUp)
      try netlink.setUp(device.interfaceIndex)
      link = try #require(try netlink.links().first { $0.name == "test0" })
      #expect(link.isUp && !link.isLoopback)
      #expect(try netlink.links().filter(\.isLoopback).map(\.name) == ["lo"])
    }
  }

  @Test("a link without link-local addresses gets none when it goes up, another does")
  func linkLocal() throws {
    try isolated(.network) {
      let quiet = try TunDevice(name: "quiet")
      let usual = try TunDevice(name: "usual")
      var netlink = try Netlink()
      #expect(try netlink.disableLinkLocalAddress(of: quiet.interfaceIndex))
      try netlink.setUp(quiet.interfaceIndex)
      try netlink.setUp(usual.interfaceIndex)
      let withLocal = try netlink.addresses().filter { $0.scope == .link }.map(\.interface)
      #expect(withLocal == [usual.interfaceIndex])
    }
  }

  @Test("a change that cannot be made is reported with the kernel's errno")
  func failure() throws {
    try isolated(.network) {
      var netlink = try Netlink()
      #expect(throws: SystemError(.netlink, errno: ENODEV)) {
        try netlink.setMTU(1_400, of: InterfaceIndex(9_999))
      }
    }
  }

  @Test("the monitor becomes readable when an address changes, and is quiet once drained")
  func monitor() throws {
    try isolated(.network) {
      let device = try TunDevice(name: "test0")
      var monitor = try NetworkMonitor()
      #expect(try !monitor.drain())
      var netlink = try Netlink()
      let (address, length) = Self.addresses[0]
      try netlink.addAddress(address, prefixLength: length, to: device.interfaceIndex)
      #expect(try monitor.descriptor.waitReadable(until: SystemClock.now() + .seconds(5)))
      #expect(try monitor.drain())
      #expect(try !monitor.drain())
    }
  }
}
