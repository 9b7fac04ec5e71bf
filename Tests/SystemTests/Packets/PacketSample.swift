import IPv8Wire
import PacketOracle

/// A packet of one kind as a host's programs hand it over, and what must come of it at the peer.
struct PacketSample {
  /// Addresses of one packet on both sides, 4 or 16 bytes each.
  struct Route {
    let local: (source: [UInt8], destination: [UInt8])
    let remote: (source: [UInt8], destination: [UInt8])
    var isIPv6: Bool { local.source.count == 16 }
  }

  /// Who computes the checksum: the sender's programs, or whoever has the packet last.
  enum Checksum { case complete, partial }

  let name: String
  let sent: [TUNPacket]
  /// As on a wire, in order.
  let expected: [[UInt8]]
}

/// Makes samples between two hosts.
struct PacketSamples {
  /// Of the overlay's interface, bytes.
  private let mtu: Int
  let route: PacketSample.Route
  /// Of what arrives: one less behind a router.
  var hopLimit: UInt8 = 64
  private(set) var samples: [PacketSample] = []
  private var random: SeededRandom
  /// A port for each, so that none continues another and each is a flow of its own.
  private var port: UInt16 = 1_024

  init(_ route: PacketSample.Route, hopLimit: UInt8 = 64, mtu: Int = 1280, seed: UInt64) {
    (self.route, self.hopLimit, self.mtu) = (route, hopLimit, mtu)
    random = SeededRandom(seed: seed)
  }

  private var family: String { route.isIPv6 ? "IPv6" : "IPv4" }
  private var ipLength: Int { route.isIPv6 ? 40 : 20 }
  private static let acknowledgement = KernelPacket.Transport.tcp(
    sequence: UInt32.max - 100, flags: 0x10, options: [1, 1, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8])

  // MARK: Kinds

  /// Sizes from nothing to the MTU, every one near a border.
  mutating func addSizes() {
    let transports: [KernelPacket.Transport] = [
      .udp, Self.acknowledgement, .echo(identifier: 7, sequence: 1), .other(253),
    ]
    for transport in transports {
      let packet = packet(transport, 0)
      let most = mtu - packet.ipLength - packet.transportLength
      let sizes = Array(0...9) + Array(stride(from: 16, to: most, by: 97)) + (most - 9...most)
      for size in sizes {
        add("\(transport) of \(size) bytes", self.packet(transport, size))
      }
      for size in [0, 1, 2, 1_000, most] where packet.hasPartialForm {
        add("\(transport) of \(size), complete", self.packet(transport, size), .complete)
      }
    }
    if !route.isIPv6 {
      var packet = packet(.udp, 100)
      packet.hasChecksum = false
      add("UDP without a checksum", packet, .complete)
    }
  }

  /// Large packets, their payloads around the borders of segments.
  mutating func addLarge() {
    for transport in [.udp, Self.acknowledgement] {
      let header = packet(transport, 0).ipLength + packet(transport, 0).transportLength
      for size in [1, 2, 7, 28, 60, 100, 536, 1_000, mtu - header] {
        // At most 64 datagrams, as UDP_SEGMENT has it, and 60,000 bytes.
        let most = min(64, 60_000 / size)
        for length in [
          size + 1, 2 * size - 1, 2 * size, 2 * size + 1, (most - 1) * size + size / 2 + 1,
          most * size,
        ] where length > size {
          var packet = packet(transport, length)
          packet.gsoSize = size
          add("\(transport), \(length) bytes cut at \(size)", packet)
        }
      }
    }
  }

  /// Every codepoint of ECN, DSCP beside it, and TCP's own bits.
  mutating func addCongestion() {
    for trafficClass in [0, 1, 2, 3, 0xb9, 0xff] as [UInt8] {
      for transport in [.udp, Self.acknowledgement, .echo(identifier: 7, sequence: 1)] {
        for gsoSize in [0, 400] where gsoSize == 0 || transport.isSegmented {
          var packet = packet(transport, 1_000)
          (packet.trafficClass, packet.gsoSize) = (trafficClass, gsoSize)
          add("\(transport) of class \(trafficClass), cut at \(gsoSize)", packet)
        }
      }
    }
    // ECE, CWR, both, each with PSH and without.
    for flags in [0x50, 0x90, 0xd0, 0x58, 0x98, 0xd8] as [UInt8] {
      for gsoSize in [0, 400] {
        var packet = packet(.tcp(sequence: 77, flags: flags, options: []), 1_000)
        (packet.trafficClass, packet.gsoSize) = (2, gsoSize)
        add("TCP with flags \(flags), cut at \(gsoSize)", packet)
      }
    }
  }

  /// IPv4 options, IPv6 extension headers, before each transport.
  mutating func addOptions() {
    typealias Extension = KernelPacket.Extension
    let options: [[UInt8]] =
      route.isIPv6 ? [] : [[1, 1, 1, 0], [0x88, 4, 1, 2], [UInt8](repeating: 1, count: 40)]
    let extensions: [[Extension]] =
      route.isIPv6
      ? [
        [.padding(Extension.hopByHop)], [.padding(Extension.destination)],
        [.padding(Extension.hopByHop, units: 3), .padding(Extension.destination, units: 2)],
      ] : []
    for transport in [
      .udp, Self.acknowledgement, .echo(identifier: 7, sequence: 1), .other(253),
    ] as [KernelPacket.Transport] {
      for index in 0..<3 {
        for size in [0, 1, 57, 1_000] {
          var packet = packet(transport, size)
          if route.isIPv6 {
            packet.extensions = extensions[index]
          } else {
            packet.options = options[index]
          }
          let kind = "\(transport) of \(size) behind options \(index)"
          add(kind, packet, .complete)
          if packet.hasPartialForm { add(kind + ", partial", packet) }
        }
      }
    }
    guard !route.isIPv6 else { return }
    for (transport, options) in [.udp, Self.acknowledgement].flatMap({ kind in
      options.map { (kind, $0) }
    }) {
      var packet = packet(transport, 2_222)
      (packet.options, packet.gsoSize) = (options, 500)
      add("\(transport) cut at 500 behind options", packet)
    }
  }

  /// Large packets behind IPv6 extension headers.
  mutating func addLargeExtended() {
    typealias Extension = KernelPacket.Extension
    for number in [Extension.hopByHop, Extension.destination] {
      for transport in [.udp, Self.acknowledgement] {
        var packet = packet(transport, 2_222)
        (packet.extensions, packet.gsoSize) = ([.padding(number)], 500)
        add("\(transport) cut at 500 behind extension header \(number)", packet)
      }
    }
  }

  /// TCP within VXLAN (RFC 7348) within UDP, of which the kernel leaves out the inner checksum alone.
  mutating func addEncapsulated() {
    let inner = KernelPacket(
      source: [10, 80, 0, 1], destination: [10, 80, 0, 2],
      transport: .tcp(sequence: 9, flags: 0x10, options: []), payload: .random(333, using: &random))
    let front: [UInt8] = [8, 0, 0, 0, 0, 0, 7, 0] + [UInt8](repeating: 2, count: 12) + [8, 0]
    for hasChecksum in route.isIPv6 ? [true] : [true, false] {
      var packet = packet(.udp, 0)
      packet.payload = front + inner.segments[0]
      packet.hasChecksum = hasChecksum
      let start = packet.ipLength + 8 + front.count + inner.ipLength
      let offload = OffloadHeader(
        flags: OffloadHeader.needsChecksum, headerLength: UInt16(start + 20),
        checksumStart: UInt16(start), checksumOffset: 16)
      let bytes = packet.segments[0].dropLast(inner.handedOver.count) + inner.handedOver
      samples.append(
        PacketSample(
          name: "\(family) VXLAN, outer checksum \(hasChecksum)",
          sent: [TUNPacket(Array(bytes), offload)], expected: arrived(packet).segments))
    }
  }

  /// Fragments, which only the receiver puts together.
  mutating func addFragments() {
    let transports: [KernelPacket.Transport] = [
      .udp, Self.acknowledgement, .echo(identifier: 7, sequence: 1), .other(253),
    ]
    for transport in transports {
      for (length, size) in [(200, 64), (1_000, 504), (3_000, 1_208), (8_000, 1_208)] {
        for hasOptions in [false, true] {
          var packet = packet(transport, length)
          packet.dontFragment = false
          if hasOptions, route.isIPv6 {
            packet.extensions = [.padding(KernelPacket.Extension.destination)]
          } else if hasOptions {
            packet.options = [1, 1, 1, 0]
          }
          let name = "\(transport), \(length) in fragments of \(size), options \(hasOptions)"
          samples.append(
            PacketSample(
              name: "\(family) \(name)",
              sent: packet.fragments(of: size).map { TUNPacket($0) },
              expected: arrived(packet).fragments(of: size)))
        }
      }
    }
  }

  // MARK: Making

  private mutating func packet(_ transport: KernelPacket.Transport, _ size: Int) -> KernelPacket {
    port += 1
    var packet = KernelPacket(
      source: route.local.source, destination: route.local.destination, transport: transport,
      payload: .random(size, using: &random))
    packet.ports = (port, 9)
    packet.identification = port &* 40_503
    return packet
  }

  private func arrived(_ packet: KernelPacket) -> KernelPacket {
    var packet = packet
    (packet.source, packet.destination) = route.remote
    packet.hopLimit = hopLimit
    return packet
  }

  private mutating func add(
    _ name: String, _ packet: KernelPacket, _ checksum: PacketSample.Checksum = .partial
  ) {
    let isComplete = checksum == .complete || !packet.hasPartialForm
    samples.append(
      PacketSample(
        name: "\(family) \(name)",
        sent: isComplete ? packet.segments.map { TUNPacket($0) } : [TUNPacket(packet)],
        expected: arrived(packet).segments))
  }
}

extension KernelPacket {
  /// Whether kernels leave its checksum to devices.
  fileprivate var hasPartialForm: Bool { transport.isSegmented }
}

extension KernelPacket.Transport {
  /// Whether kernels leave segmentation to devices.
  fileprivate var isSegmented: Bool {
    switch self {
    case .tcp, .udp: true
    case .echo, .other: false
    }
  }
}
