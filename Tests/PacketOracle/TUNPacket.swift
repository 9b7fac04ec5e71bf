import IPv8Wire

/// What crosses a TUN device: a packet behind its offload header.
public struct TUNPacket: Equatable, Sendable {
  public var bytes: [UInt8]
  public var offload: OffloadHeader

  public init(_ bytes: [UInt8], _ offload: OffloadHeader = .plain) {
    self.bytes = bytes
    self.offload = offload
  }

  /// As a kernel hands `packet` over, its checksum and its segments left to be made.
  public init(_ packet: KernelPacket) { self.init(packet.handedOver, packet.offload) }
}

/// Where two series of packets differ first, in one line; nil where they are equal.
public func difference(_ found: [[UInt8]], _ expected: [[UInt8]]) -> String? {
  for (index, (one, other)) in zip(found, expected).enumerated() where one != other {
    let at = zip(one, other).enumerated().first { $0.element.0 != $0.element.1 }?.offset
    return "packet \(index), byte \(at ?? -1); \(one.count) bytes for \(other.count): "
      + "\(one.prefix(64)) for \(other.prefix(64))"
  }
  return found.count == expected.count ? nil : "\(found.count) packets for \(expected.count)"
}
