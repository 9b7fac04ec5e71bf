import Foundation
import IPv8Wire
import PacketOracle

/// The packets of one interface of a host as its kernel has them: large ones whole, checksums that
/// are still to be computed not computed, as the header before each says (packet(7) with
/// PACKET_VNET_HDR). On a TUN device a frame is an IP packet; on a cable it begins with Ethernet's
/// 14 bytes.
final class PacketSocket {
  static let ethernetHeader = 14

  private let descriptor: Int32
  private let interface: UInt32
  let isCable: Bool
  private var buffer = [UInt8](repeating: 0, count: OffloadHeader.byteCount + 66_000)

  /// - Parameter room: for what arrives before it is fetched, bytes.
  init(on host: Host, interface name: String, room: Int32 = 64 << 20) throws {
    isCable = name != Peer.interface
    // Bound to no protocol until the interface is known: nothing of other interfaces gets in.
    let found = Found()
    descriptor = try host.descriptor {
      found.index = if_nametoindex(name)
      return socket(AF_PACKET, raw, 0)
    }
    interface = found.index
    for (level, option, value) in [
      (packetLevel, packetVirtioHeader, 1), (packetLevel, packetIgnoreOutgoing, 1),
      (SOL_SOCKET, SO_RCVBUFFORCE, room), (SOL_SOCKET, SO_SNDBUFFORCE, 8 << 20),
    ] as [(Int32, Int32, Int32)] {
      var value = value
      guard setsockopt(descriptor, level, option, &value, 4) == 0 else {
        throw LabError.socket("option \(option) of \(name)", errno: errno)
      }
    }
    var address = address(of: 0)
    guard bind(descriptor, &address) == 0 else { throw LabError.socket(name, errno: errno) }
  }

  deinit { close(descriptor) }

  /// Hands `frame` to the interface, as the host's own programs would.
  func send(_ frame: TUNPacket) throws {
    var header = [UInt8](repeating: 0, count: OffloadHeader.byteCount)
    header.withMutableRawSpan { frame.offload.encode(into: &$0) }
    let bytes = header + frame.bytes
    // A TUN packet tells its protocol by its version; Ethernet has it in the frame.
    let isIPv6 = frame.bytes[0] >> 4 == 6
    var address = address(of: isCable ? frame.bytes.word(12) : isIPv6 ? 0x86dd : 0x0800)
    let sent = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<LinkAddress>.size))
      }
    }
    guard sent == bytes.count else { throw LabError.socket("packet", errno: errno) }
  }

  /// The next frame that comes in, or nil when none does within `seconds`.
  func receive(within seconds: Double) throws -> TUNPacket? {
    var ready = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard poll(&ready, 1, Int32(seconds * 1000)) == 1 else { return nil }
    let count = recv(descriptor, &buffer, buffer.count, 0)
    guard count >= OffloadHeader.byteCount else { throw LabError.socket("packet", errno: errno) }
    let offload = OffloadHeader(buffer.rawSpan)
    return TUNPacket(Array(buffer[OffloadHeader.byteCount..<count]), offload)
  }

  private func address(of protocolNumber: UInt16) -> LinkAddress {
    LinkAddress(
      protocolNumber: (protocolNumber == 0 ? everyProtocol : protocolNumber).bigEndian,
      interface: interface)
  }

  private func bind(_ descriptor: Int32, _ address: inout LinkAddress) -> Int32 {
    withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<LinkAddress>.size))
      }
    }
  }

  /// Written by one thread before another reads it.
  private final class Found: @unchecked Sendable { var index: UInt32 = 0 }
}

/// `sockaddr_ll` of <linux/if_packet.h>, which is not imported.
private struct LinkAddress {
  var family = UInt16(AF_PACKET)
  var protocolNumber: UInt16
  var interface: UInt32
  var hardware: UInt16 = 0
  var kind: UInt8 = 0
  var length: UInt8 = 0
  var address: (UInt32, UInt32) = (0, 0)
}

private let raw = Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
// Of <linux/if_packet.h> and <linux/if_ether.h>.
private let packetLevel: Int32 = 263
private let packetVirtioHeader: Int32 = 15
private let packetIgnoreOutgoing: Int32 = 23
private let everyProtocol: UInt16 = 3
