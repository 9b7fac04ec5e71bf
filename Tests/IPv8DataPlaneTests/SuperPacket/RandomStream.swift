import IPv8Wire
import PacketOracle

/// Many flows of a's programs at once, as a kernel hands their packets over, and what an obvious
/// reading says that b's programs must see of each.
struct RandomStream {
  /// One packet of the TUN, and the segments that it stands for: one record each.
  struct Item {
    let packet: TUNPacket
    let expected: [[UInt8]]
    /// Whether its records are chunks, which a receiver may join.
    let isChunk: Bool
  }

  /// What is left to whoever has the packet last.
  fileprivate enum Form: CaseIterable { case large, partial, complete, fragments }

  fileprivate struct Flow {
    var sent: SuperPair.Sent
    let form: Form
    let trafficClass: UInt8
  }

  private var flows: [Flow] = []

  init(_ pair: SuperPair, flows count: Int = 8, using random: inout some RandomNumberGenerator) {
    for _ in 0..<count { flows.append(Self.flow(pair, using: &random)) }
  }

  // MARK: Flows

  private static func flow(
    _ pair: SuperPair, using random: inout some RandomNumberGenerator
  ) -> Flow {
    let form = Form.allCases.randomElement(using: &random) ?? .large
    let timestamps: [UInt8] = [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8]
    let options = [[], timestamps, .random(40, using: &random)].randomElement(using: &random) ?? []
    var transports: [KernelPacket.Transport] = [
      .tcp(sequence: random.next(), flags: 0x10, options: options), .udp,
    ]
    if form == .complete || form == .fragments {
      transports += [.echo(identifier: random.next(), sequence: 1), .other(253), .other(132)]
    }
    let isIPv6 = Bool.random(using: &random)
    var sent = pair.packet(
      isIPv6: isIPv6, transports.randomElement(using: &random) ?? .udp, [])
    let ports = (random.next() as UInt16, random.next() as UInt16)
    let identification: UInt16 = random.next()
    let hasChecksum = form != .complete || isIPv6 || Bool.random(using: &random)
    let extensions = form == .large ? [] : Self.extensions(using: &random)
    let hasOptions = Int.random(in: 0..<4, using: &random) == 0
    let isAtomic = form != .fragments && Int.random(in: 0..<3, using: &random) > 0
    sent.change { packet in
      (packet.ports, packet.identification) = (ports, identification)
      packet.hasChecksum = hasChecksum
      packet.dontFragment = isAtomic
      if isIPv6 { packet.extensions = extensions }
      if !isIPv6, hasOptions { packet.options = [0x88, 4, 1, 2] }
    }
    if sent.local.transport != .udp { sent.change { $0.hasChecksum = true } }
    return Flow(
      sent: sent, form: form, trafficClass: UInt8.random(in: 0...255, using: &random))
  }

  private static func extensions(
    using random: inout some RandomNumberGenerator
  ) -> [KernelPacket.Extension] {
    typealias Extension = KernelPacket.Extension
    guard Bool.random(using: &random) else { return [] }
    let chain: [Extension] = [
      .padding(Extension.hopByHop, units: 2),
      // No segments left: the receiver passes over it (RFC 8200 §4.4).
      Extension(Extension.routing, [253, 0, 1, 2, 3, 4]),
      .padding(Extension.destination, units: Int.random(in: 1...4, using: &random)),
    ]
    return chain.filter { _ in Bool.random(using: &random) }
  }

  // MARK: Packets

  /// The next packet of some flow, or its fragments.
  mutating func next(using random: inout some RandomNumberGenerator) -> [Item] {
    let index = Int.random(in: 0..<flows.count, using: &random)
    flows[index].vary(using: &random)
    let flow = flows[index]
    defer { flows[index].advance() }
    let (local, remote) = (flow.sent.local, flow.sent.remote)
    // The header before a packet speaks of its outermost transport, behind extension headers too.
    let isChunk = local.extensions.isEmpty
    switch flow.form {
    case .large, .partial:
      return [Item(packet: TUNPacket(local), expected: remote.segments, isChunk: isChunk)]
    case .complete:
      return [
        Item(
          packet: TUNPacket(local.segments[0]), expected: remote.segments, isChunk: false)
      ]
    case .fragments:
      // A checksum beyond the first fragment is beyond what translates aliases, too
      // (docs/protocol/addresses.md).
      let size = 8 * Int.random(in: 3...150, using: &random)
      return zip(local.fragments(of: size), remote.fragments(of: size)).map {
        Item(packet: TUNPacket($0), expected: [$1], isChunk: false)
      }
    }
  }
}

extension RandomStream.Flow {
  /// Makes the next packet of the flow: any size and bits.
  fileprivate mutating func vary(using random: inout some RandomNumberGenerator) {
    var gsoSize = 0
    var count = [0, 1, 2, 536, 1_187, 1_188].randomElement(using: &random) ?? 0
    if Bool.random(using: &random) { count = Int.random(in: 0...1_188, using: &random) }
    if form == .large {
      gsoSize = [1, 2, 7, 60, 100, 536, 1_188].randomElement(using: &random) ?? 1
      count = Int.random(in: (gsoSize + 1)...min(40 * gsoSize, 12_000), using: &random)
    }
    let payload = [UInt8].random(count, using: &random)
    // Most packets of a flow have the same bits; a router marks a few.
    let trafficClass = trafficClass
    let isMarked = Int.random(in: 0..<8, using: &random) == 0
    let flags =
      ([0x10, 0x10, 0x10, 0x18, 0x50, 0x90, 0x11, 0x30, 0xd8] as [UInt8])
      .randomElement(using: &random) ?? 0x10
    sent.change { packet in
      (packet.payload, packet.gsoSize) = (payload, gsoSize)
      packet.trafficClass = isMarked ? trafficClass | 3 : trafficClass
      if case .tcp(let sequence, _, let options) = packet.transport {
        packet.transport = .tcp(sequence: sequence, flags: flags, options: options)
      }
    }
  }

  /// Moves sequence and identification on behind the packet.
  fileprivate mutating func advance() {
    let length = UInt32(sent.local.payload.count)
    let segments = UInt16(truncatingIfNeeded: sent.local.segments.count)
    sent.change { packet in
      packet.identification &+= segments
      if case .tcp(let sequence, let flags, let options) = packet.transport {
        packet.transport = .tcp(sequence: sequence &+ length, flags: flags, options: options)
      }
    }
  }
}
