import IPv8Wire
import PacketOracle

/// Traffic of a's programs towards b's, and how b's see it.
extension SuperPair {
  /// One packet as a's programs send it and as b's receive it: other addresses (IPv4).
  struct Sent {
    var local: KernelPacket
    var remote: KernelPacket

    mutating func change(_ body: (inout KernelPacket) -> Void) {
      body(&local)
      body(&remote)
    }
  }

  func packet(
    isIPv6: Bool, _ transport: KernelPacket.Transport, _ payload: [UInt8], gsoSize: Int = 0
  ) -> Sent {
    let (from, to) =
      isIPv6
      ? (Self.bytes(a.address), Self.bytes(b.address))
      : ([UInt8].big(a.alias.value), [UInt8].big(a.peerAlias.value))
    let local = KernelPacket(
      source: from, destination: to, transport: transport, payload: payload, gsoSize: gsoSize)
    var remote = local
    if !isIPv6 {
      remote.source = .big(b.peerAlias.value)
      remote.destination = .big(b.alias.value)
    }
    return Sent(local: local, remote: remote)
  }

  static func bytes(_ address: OverlayAddress) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: address.value)
    return bytes
  }

  /// A random packet: any size, options, flags; what the kernel would never cut is not to be cut.
  func randomPacket(using random: inout SeededRandom) -> Sent {
    let isTCP = Bool.random(using: &random)
    var flags = UInt8.random(in: 0...255, using: &random) & 0xd9 | 0x10
    if Int.random(in: 0..<20, using: &random) == 0 { flags |= 0x02 }
    let options = Int.random(in: 0...10, using: &random)
    let transport: KernelPacket.Transport =
      isTCP
      ? .tcp(
        sequence: Bool.random(using: &random) ? UInt32.max - 2000 : random.next(),
        flags: flags,
        options: Bool.random(using: &random)
          ? [1, 1, 8, 10] + .random(8, using: &random) : .random(4 * options, using: &random))
      : .udp
    let size = [1, 2, 100, 536, 1188, 1340, 9000].randomElement(using: &random) ?? 1
    let room = size < 100 ? 60 : 12_000
    var packet = packet(
      isIPv6: Bool.random(using: &random), transport,
      .random(Int.random(in: 0...room, using: &random), using: &random))
    let trafficClass = ([0, 1, 2, 3, 0xb8] as [UInt8]).randomElement(using: &random) ?? 0
    let identification = UInt16.random(in: 0...UInt16.max, using: &random)
    packet.change { ($0.trafficClass, $0.identification) = (trafficClass, identification) }
    if !packet.local.isIPv6, Int.random(in: 0..<4, using: &random) == 0 {
      packet.change { $0.options = [1, 1, 1, 0] }
    }
    let isSegment = packet.local.payload.count <= size || flags & 0x06 != 0
    packet.change { $0.gsoSize = isSegment ? 0 : size }
    if isSegment { packet.change { $0.payload = Array($0.payload.prefix(9000)) } }
    return packet
  }
}
