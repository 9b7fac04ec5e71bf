import CIPv8Linux
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

@Suite("A TUN device", .enabled(if: isRoot, "needs root"))
struct TunDeviceTests {
  private static let ours = IPv6Address(0xfd00 << 112 | 1)
  private static let theirs = IPv6Address(0xfd00 << 112 | 2)

  /// A device that is up, with `ours`/64, and silent by itself.
  private static func makeDevice(offload: TunOffload = .none) throws -> TunDevice {
    let device = try TunDevice(name: "test0", offload: offload)
    var netlink = try Netlink()
    #expect(try netlink.disableLinkLocalAddress(of: device.interfaceIndex))
    try netlink.setMTU(1_400, of: device.interfaceIndex)
    try netlink.addAddress(.v6(ours), prefixLength: 64, to: device.interfaceIndex)
    try netlink.setUp(device.interfaceIndex)
    return device
  }

  /// The first packet from `device` whose IPv6 next header is `next`, and its offload header.
  private static func packet(
    from device: borrowing TunDevice, next: UInt8, limit: Interval = .seconds(5)
  ) throws -> (header: OffloadHeader, bytes: [UInt8])? {
    var slab = PacketSlab(slotCount: 4, slotSize: 2_048)
    var packets: [PacketRange] = []
    var found: (OffloadHeader, [UInt8])?
    _ = try waitReading(device.descriptor, limit: limit) {
      let mayBeMore = try device.read(into: &slab, packets: &packets, limit: 4)
      #expect(mayBeMore == (packets.count == 4))
      for packet in packets {
        #expect(packet.offset == PacketSlab.headroom)
        let bytes = content(of: packet, in: &slab)
        guard bytes[0] >> 4 == 6, bytes[6] == next else { continue }
        let before = PacketRange(
          slot: Int(packet.slot), offset: Int(packet.offset) - OffloadHeader.byteCount,
          length: OffloadHeader.byteCount)
        found = (try #require(offloadHeader(content(of: before, in: &slab))), bytes)
      }
      return found != nil
    }
    return found
  }

  @Test("a datagram routed to the interface is read from the device whole")
  func reading() throws {
    try isolated(.network) {
      let device = try Self.makeDevice()
      let socket = try UDPSocket(family: .v6, port: 0)
      let payload = (0..<1_000).map { UInt8(truncatingIfNeeded: $0) }
      #expect(socket.send(payload, to: Endpoint(.v6(Self.theirs), port: 9)) == .sent)
      let (header, packet) = try #require(try Self.packet(from: device, next: 17))
      #expect(header == .plain)
      #expect(packet.rawSpan.bigEndian(UInt128.self, at: 24) == Self.theirs.value)
      #expect(packet.rawSpan.bigEndian(UInt16.self, at: 40) == socket.port)
      #expect([UInt8](packet[48...]) == payload)
    }
  }

  @Test("with checksum offload the kernel leaves the checksum to the reader and says where")
  func checksumOffload() throws {
    try isolated(.network) {
      let device = try Self.makeDevice(offload: [.checksum, .tso4, .tso6, .uso])
      #expect(device.grantedOffload.isSuperset(of: [.checksum, .tso4, .tso6]))
      let socket = try UDPSocket(family: .v6, port: 0)
      #expect(socket.send([1, 2, 3], to: Endpoint(.v6(Self.theirs), port: 9)) == .sent)
      let (header, _) = try #require(try Self.packet(from: device, next: 17))
      #expect(header.flags == OffloadHeader.needsChecksum)
      #expect(header.checksumStart == 40 && header.checksumOffset == 6)
    }
  }

  private static func echoRequest(payload: [UInt8]) -> [UInt8] {
    var message: [UInt8] = [128, 0, 0, 0, 0x12, 0x34, 0, 1] + payload
    var pseudo: [UInt8] = []
    pseudo.append(bigEndian: theirs.value)
    pseudo.append(bigEndian: ours.value)
    pseudo.append(bigEndian: UInt32(message.count))
    pseudo.append(bigEndian: UInt32(58))
    let sum = internetChecksum(pseudo + message)
    message[2] = UInt8(sum >> 8)
    message[3] = UInt8(sum & 255)
    var packet: [UInt8] = [0x60, 0, 0, 0]
    packet.append(bigEndian: UInt16(message.count))
    packet += [58, 64]
    packet.append(bigEndian: theirs.value)
    packet.append(bigEndian: ours.value)
    return packet + message
  }

  @Test("the kernel answers an echo request that is written to the device")
  func writing() throws {
    try isolated(.network) {
      let device = try Self.makeDevice()
      let payload = [UInt8](repeating: 0xa5, count: 56)
      let request = Self.echoRequest(payload: payload)
      var slab = PacketSlab(slotCount: 1, slotSize: 2_048)
      let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: request.count)
      var span = slab[range]
      span.copy(request.rawSpan, to: 0)
      var header = slab[
        PacketRange(slot: 0, offset: PacketSlab.headroom - 10, length: 10)]
      OffloadHeader.plain.encode(into: &header)
      // The kernel takes packets for a new address once a work queue of its own has run.
      var answer: [UInt8]?
      for _ in 0..<100 where answer == nil {
        #expect(try device.write([range], from: slab) == 0)
        answer = try Self.packet(from: device, next: 58, limit: .milliseconds(50))?.bytes
      }
      let reply = try #require(answer)
      #expect(reply[40] == 129)
      #expect([UInt8](reply[44...]) == [0x12, 0x34, 0, 1] + payload)
    }
  }

  @Test("packets that the kernel refuses are counted, not thrown")
  func refusedPackets() throws {
    try isolated(.network) {
      let device = try Self.makeDevice()
      let slab = PacketSlab(slotCount: 2, slotSize: 2_048)
      let zeros = PacketRange(slot: 0, offset: PacketSlab.headroom, length: 100)
      #expect(try device.write([zeros, zeros], from: slab) == 2)
      var netlink = try Netlink()
      try netlink.setUp(device.interfaceIndex, false)
      #expect(try device.write([zeros], from: slab) == 1)
    }
  }

  @Test("a name in use, by whatever kind of interface, is refused")
  func nameTaken() throws {
    try isolated(.network) {
      let first = try TunDevice(name: "test0")
      #expect(first.name == "test0" && first.interfaceIndex == InterfaceIndex(named: "test0"))
      #expect(throws: TunError.nameTaken) { _ = try TunDevice(name: "test0") }
      #expect(throws: TunError.nameTaken) { _ = try TunDevice(name: "lo") }
    }
  }

  @Test("the interface goes with the last descriptor")
  func lifetime() throws {
    try isolated(.network) {
      do {
        let device = try TunDevice(name: "test0")
        let second = try device.duplicate()
        _ = consume device
        #expect(InterfaceIndex(named: "test0") == second.interfaceIndex)
      }
      #expect(InterfaceIndex(named: "test0") == nil)
    }
  }

  @Test("a device whose interface someone deletes wakes its reader with an error")
  func deletion() throws {
    try isolated(.network) {
      let device = try Self.makeDevice()
      let index = native(device.interfaceIndex.value)
      let fixed = [0, 0, 0, 0] + index + [UInt8](repeating: 0, count: 8)
      var netlink = try Netlink()
      try netlink.perform(NetlinkRequest(type: RTM_DELLINK, flags: NLM_F_ACK, fixed: fixed))
      let error = #expect(throws: SystemError.self) {
        _ = try Self.packet(from: device, next: 17)
      }
      #expect(error?.call == .read && error?.errno == EBADFD)
    }
  }

  @Test("a device made for several queues gives them, another does not")
  func queues() throws {
    try isolated(.network) {
      let many = try TunDevice(name: "many", multiQueue: true)
      let queue = try many.addQueue()
      #expect(queue.interfaceIndex == many.interfaceIndex)
      let single = try TunDevice(name: "single")
      #expect(throws: TunError.self) { _ = try single.addQueue() }
    }
  }

  @Test("without /dev/net/tun the error says so")
  func missingDevice() throws {
    try isolated([.mount, .network]) {
      try #require(mount("none", "/dev/net", "tmpfs", 0, nil) == 0)
      #expect(throws: TunError.noDevice) { _ = try TunDevice(name: "test0") }
    }
  }
}

@Suite("TUN vocabulary")
struct TunVocabularyTests {
  @Test(
    "names that Linux does not take are refused before it is asked",
    arguments: ["", ".", "..", "a/b", "a b", "a:b", "tun%d", "sixteen-bytes-xx", "ä"])
  func badNames(name: String) {
    #expect(throws: TunError.badName) { _ = try TunDevice(name: name) }
  }

  @Test("missing rights are told apart from a missing device")
  func mapping() {
    #expect(TunError(SystemError(.tunAttach, errno: EPERM)) == .notPermitted)
    #expect(TunError(SystemError(.open, errno: EACCES)) == .notPermitted)
    #expect(TunError(SystemError(.open, errno: ENXIO)) == .noDevice)
    let other = SystemError(.open, errno: EMFILE)
    #expect(TunError(other) == .system(other))
  }

  @Test("offload is asked for in ever smaller sets that end with none")
  func fallbacks() {
    #expect(TunOffload.none.fallbacks == [.none])
    let all: TunOffload = [.checksum, .tso4, .tso6, .uso]
    #expect(all.fallbacks == [all, [.checksum, .tso4, .tso6], [.checksum], .none])
  }

  @Test("an offload header reads as it was written, and has the layout of virtio_net_hdr")
  func header() throws {
    let header = OffloadHeader(
      flags: 1, gsoType: OffloadHeader.Segmentation.tcp6.rawValue, headerLength: 0x0203,
      gsoSize: 0x0405, checksumStart: 0x0607, checksumOffset: 0x0809)
    var bytes = [UInt8](repeating: 0, count: OffloadHeader.byteCount)
    bytes.withMutableRawSpan { header.encode(into: &$0) }
    #expect(offloadHeader(bytes) == header)
    #expect(bytes == [1, 4] + [0x0203, 0x0405, 0x0607, 0x0809].flatMap { native(UInt16($0)) })
    #expect(offloadHeader([UInt8](bytes.prefix(9))) == nil)
  }
}
