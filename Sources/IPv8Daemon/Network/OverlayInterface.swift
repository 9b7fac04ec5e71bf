import IPv8Crypto
import IPv8Platform
import IPv8Wire

/// The overlay's interface as the kernel sees it: its addresses and the routes that lead to it.
struct OverlayInterface: ~Copyable {
  /// Packets that wait for the engine in the kernel; short, so that waiting stays short.
  static let transmitQueueLength = 500

  /// Bytes of the largest TCP packet that still becomes one UDP send: a second, short one would cost
  /// nearly as much as the first.
  static func largestSuperPacket(mtu: Int) -> Int {
    let record = mtu + 1 + DatagramKind.recordPrefix + AEADSuite.tagByteCount
    let segments = min(UDPSocket.mergeLimit, UDPSocket.mergedBytes / record)
    // IPv6 and TCP with timestamps; others' payload is up to 20 bytes longer, so fewer fit.
    let payload = mtu - 72
    // The kernel keeps so much of the limit for headers (MAX_TCP_HEADER) and fills the rest with
    // whole segments.
    return segments * payload + payload / 2 + 320
  }

  let index: InterfaceIndex
  private var netlink: Netlink
  /// Whether each contact has its own IPv6 route, because the underlay uses part of the prefix.
  private let perContact: Bool

  init(_ index: InterfaceIndex, perContact: Bool) throws(SystemError) {
    netlink = try Netlink()
    self.index = index
    self.perContact = perContact
  }

  /// Sets MTU, addresses and the overlay's route, and brings the interface up.
  mutating func setUp(
    mtu: Int, address: OverlayAddress, alias: IPv4Address?
  ) throws(SystemError) {
    try netlink.setMTU(mtu, of: index)
    try netlink.setTransmitQueueLength(Self.transmitQueueLength, of: index)
    _ = try netlink.setLargestSuperPacket(Self.largestSuperPacket(mtu: mtu), of: index)
    _ = try netlink.disableLinkLocalAddress(of: index)
    try netlink.addAddress(.v6(address.address), prefixLength: 128, to: index)
    if let alias { try netlink.addAddress(.v4(alias), prefixLength: 32, to: index) }
    try netlink.setUp(index)
    if !perContact {
      try netlink.addRoute(to: .v6(OverlayAddress.prefix), through: index)
    }
  }

  /// Routes a contact's addresses here: never more than the single addresses of known contacts.
  mutating func add(_ address: OverlayAddress, alias: IPv4Address?) throws(SystemError) {
    if perContact { try netlink.addRoute(to: .v6(host(address)), through: index) }
    if let alias { try netlink.addRoute(to: .v4(host(alias)), through: index) }
  }

  mutating func remove(_ address: OverlayAddress, alias: IPv4Address?) throws(SystemError) {
    if perContact { try netlink.removeRoute(to: .v6(host(address)), through: index) }
    if let alias { try netlink.removeRoute(to: .v4(host(alias)), through: index) }
  }

  private func host(_ address: OverlayAddress) -> IPv6Prefix {
    IPv6Prefix(containing: address.address, length: 128)
  }

  private func host(_ address: IPv4Address) -> IPv4Prefix {
    IPv4Prefix(containing: address, length: 32)
  }
}
