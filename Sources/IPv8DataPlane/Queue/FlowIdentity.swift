import IPv8Wire

/// What the queue reads of an inner packet: its flow, and how it wants to be treated.
///
/// The flow of TCP, UDP, UDP-Lite, DCCP and SCTP is their 5-tuple. Of fragments, and of all else, it is the
/// addresses, the protocol and, for IPv6, the flow label (RFC 6437): all fragments of a packet have one flow.
struct FlowIdentity: Equatable, Sendable {
  var source: (high: UInt64, low: UInt64) = (0, 0)
  var destination: (high: UInt64, low: UInt64) = (0, 0)
  /// Ports or flow label, and the protocol.
  var rest: UInt64 = 0
  /// The DSCP (RFC 2474).
  var codepoint: UInt8 = 0
  var isICMP = false

  /// Overlay addresses have upper halves, IPv4 ones none.
  var isIPv6: Bool { destination.high != 0 }

  private static let sctp: UInt8 = 132

  /// - Parameter packet: has an IP header, as all that was routed does.
  init(_ packet: RawSpan) {
    let first = packet.bigEndian(UInt16.self, at: 0)
    if first >> 12 == 6, packet.byteCount >= IPv6Header.byteCount {
      readIPv6(packet)
    } else if packet.byteCount >= IPv4Header.minimumByteCount {
      readIPv4(packet)
    }
  }

  private mutating func readIPv6(_ packet: RawSpan) {
    let word = packet.bigEndian(UInt32.self, at: 0)
    let number = packet.bigEndian(UInt8.self, at: 6)
    source = (packet.bigEndian(UInt64.self, at: 8), packet.bigEndian(UInt64.self, at: 16))
    destination = (packet.bigEndian(UInt64.self, at: 24), packet.bigEndian(UInt64.self, at: 32))
    codepoint = UInt8(word >> 22 & 0x3f)
    isICMP = number == IPProtocol.icmpv6
    readPorts(packet, number, at: IPv6Header.byteCount)
    if rest == 0 { rest = 1 << 63 | UInt64(number) << 32 | UInt64(word & 0xf_ffff) }
  }

  private mutating func readIPv4(_ packet: RawSpan) {
    let number = packet.bigEndian(UInt8.self, at: 9)
    source.low = UInt64(packet.bigEndian(UInt32.self, at: IPv4Header.sourceOffset))
    destination.low = UInt64(packet.bigEndian(UInt32.self, at: IPv4Header.destinationOffset))
    codepoint = packet.bigEndian(UInt8.self, at: 1) >> 2
    isICMP = number == IPProtocol.icmp
    let isFragment = packet.bigEndian(UInt16.self, at: 6) & 0x3fff != 0
    if !isFragment {
      readPorts(packet, number, at: Int(packet.bigEndian(UInt8.self, at: 0) & 15) * 4)
    }
    if rest == 0 { rest = 1 << 63 | UInt64(number) << 32 }
  }

  private mutating func readPorts(_ packet: RawSpan, _ number: UInt8, at transport: Int) {
    switch number {
    case IPProtocol.tcp, IPProtocol.udp, IPProtocol.udpLite, IPProtocol.dccp, Self.sctp:
      guard packet.byteCount >= transport + 4 else { return }
      rest = UInt64(number) << 32 | UInt64(packet.bigEndian(UInt32.self, at: transport))
    default: break
    }
  }

  static func == (a: FlowIdentity, b: FlowIdentity) -> Bool {
    a.source == b.source && a.destination == b.destination && a.rest == b.rest
  }
}
