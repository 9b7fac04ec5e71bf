import IPv8Wire

/// A packet as the kernel hands it to the TUN device: its checksum covers the pseudo-header only.
struct InnerPacket {
  static let sourcePort: UInt16 = 40_000

  let bytes: [UInt8]
  let offload: OffloadHeader

  enum Transport {
    /// With timestamps, as Linux has them: 32 bytes of header.
    case tcp
    case udp
  }

  /// - Parameters:
  ///   - segmentSize: payload bytes of what the packet is to be cut into; nil where it is not.
  ///   - isPartial: whether the checksum is left to the receiver; else it is complete.
  init(
    _ transport: Transport, from source: IPAddress, to destination: IPAddress,
    port: UInt16 = 443, payload: [UInt8], segmentSize: Int? = nil, isPartial: Bool = true
  ) {
    let isTCP = transport == .tcp
    let header: [UInt8] = isTCP ? Self.tcp(port) : Self.udp(port)
    let total = header.count + payload.count
    var ip: [UInt8]
    if case .v6(let source) = source, case .v6(let destination) = destination {
      ip = [0x60, 0, 0, 0] + Self.bytes(UInt16(total))
      ip += [isTCP ? IPProtocol.tcp : IPProtocol.udp, 64]
      ip += Self.bytes(source.value) + Self.bytes(destination.value)
    } else {
      ip = [0x45, 0] + Self.bytes(UInt16(20 + total)) + [0, 1, 0x40, 0, 64]
      ip += [isTCP ? IPProtocol.tcp : IPProtocol.udp, 0, 0]
      ip += Self.bytes(Self.v4(source)) + Self.bytes(Self.v4(destination))
    }
    var bytes = ip + header + payload
    guard let layout = TransportLayout(bytes.rawSpan) else { preconditionFailure("a packet") }
    bytes.withMutableRawSpan { span in
      if isPartial { span.setPartialChecksum(layout) } else { span.setFullChecksum(layout) }
    }
    self.bytes = bytes
    var kind = OffloadHeader.Segmentation.none
    if segmentSize != nil { kind = isTCP ? (layout.isIPv6 ? .tcp6 : .tcp4) : .udp }
    offload = OffloadHeader(
      flags: isPartial ? OffloadHeader.needsChecksum : 0, gsoType: kind.rawValue,
      headerLength: UInt16(layout.headerLength), gsoSize: UInt16(segmentSize ?? 0),
      checksumStart: UInt16(layout.transport), checksumOffset: UInt16(layout.checksumOffset))
  }

  private static func tcp(_ port: UInt16) -> [UInt8] {
    bytes(sourcePort) + bytes(port) + bytes(UInt32(1)) + bytes(UInt32(1))
      + [0x80, 0x10, 0xff, 0xff, 0, 0, 0, 0]
      + [1, 1, 8, 10] + bytes(UInt32(7)) + bytes(UInt32(9))
  }

  private static func udp(_ port: UInt16) -> [UInt8] {
    bytes(sourcePort) + bytes(port) + [0, 0, 0, 0]
  }

  private static func v4(_ address: IPAddress) -> UInt32 {
    guard case .v4(let address) = address else { preconditionFailure("one family") }
    return address.value
  }

  private static func bytes(_ value: some FixedWidthInteger & BitwiseCopyable) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: value)
    return bytes
  }
}

extension PacketSlab {
  mutating func copy(_ bytes: [UInt8], to range: PacketRange) {
    var span = self[range]
    span.copy(bytes.rawSpan, to: 0)
  }
}
