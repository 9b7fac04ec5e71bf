import IPv8Wire

/// A TCP or UDP packet in parts, as a kernel has it before segmentation: the oracle of the tests,
/// which builds what the kernel hands to the TUN, and what it would have put on a wire instead.
struct KernelPacket {
  enum Transport: Equatable {
    case tcp(sequence: UInt32, flags: UInt8, options: [UInt8])
    case udp
  }

  /// 4 or 16 bytes each.
  var source: [UInt8]
  var destination: [UInt8]
  var ports: (UInt16, UInt16) = (40_000, 443)
  /// Traffic class, or type of service, ECN bits included.
  var trafficClass: UInt8 = 0
  /// Counted up from segment to segment (IPv4).
  var identification: UInt16 = 0
  /// IPv4 options.
  var options: [UInt8] = []
  var transport: Transport
  var payload: [UInt8]
  /// Payload bytes of each segment; 0 where the packet is not to be cut.
  var gsoSize = 0

  var isIPv6: Bool { source.count == 16 }
  var isTCP: Bool { transport != .udp }
  var ipLength: Int { isIPv6 ? 40 : 20 + options.count }

  var transportLength: Int {
    if case .tcp(_, _, let options) = transport { 20 + options.count } else { 8 }
  }

  // MARK: Bytes

  private func ipHeader(_ transportBytes: Int, _ index: Int) -> [UInt8] {
    let number: UInt8 = isTCP ? 6 : 17
    if isIPv6 {
      let first = 0x6000_0000 | UInt32(trafficClass) << 20 | 0x12345
      return .big(first) + .big(UInt16(transportBytes)) + [number, 64] + source + destination
    }
    var header: [UInt8] = [0x40 | UInt8(ipLength / 4), trafficClass]
    header += .big(UInt16(ipLength + transportBytes)) + .big(identification &+ UInt16(index))
    header += [0x40, 0, 64, number, 0, 0] + source + destination + options
    header.put(NaiveChecksum.checksum(header), at: 10)
    return header
  }

  private func transportHeader(_ index: Int, of count: Int, _ length: Int) -> [UInt8] {
    let ports = [UInt8].big(ports.0) + .big(ports.1)
    guard case .tcp(let sequence, var flags, let options) = transport else {
      return ports + .big(UInt16(8 + length)) + [0, 0]
    }
    // PSH and FIN belong to the last segment, CWR to the first.
    if index < count - 1 { flags &= ~0x09 }
    if index > 0 { flags &= ~0x80 }
    let here = sequence &+ UInt32(index * max(gsoSize, 1))
    return ports + .big(index == 0 ? sequence : here) + .big(0x0102_0304 as UInt32)
      + [UInt8((20 + options.count) / 4) << 4, flags, 0x12, 0x34, 0, 0, 0, 0] + options
  }

  private func pseudoHeader(_ length: Int) -> [UInt8] {
    source + destination
      + (isIPv6 ? .big(UInt32(length)) + [0, 0, 0] : [0])
      + [isTCP ? 6 : 17] + (isIPv6 ? [] : .big(UInt16(length)))
  }

  private var checksumOffset: Int { isTCP ? 16 : 6 }

  /// Every segment as it would stand on a wire: complete headers, checksums from scratch.
  var segments: [[UInt8]] {
    guard gsoSize > 0 else { return [segment(0, of: 1, payload)] }
    let starts = Array(stride(from: 0, to: payload.count, by: gsoSize))
    return starts.enumerated().map { index, start in
      segment(index, of: starts.count, Array(payload[start..<min(start + gsoSize, payload.count)]))
    }
  }

  private func segment(_ index: Int, of count: Int, _ payload: [UInt8]) -> [UInt8] {
    var transport = transportHeader(index, of: count, payload.count) + payload
    var sum = NaiveChecksum.checksum(pseudoHeader(transport.count) + transport)
    if sum == 0, !isTCP { sum = 0xffff }
    transport.put(sum, at: checksumOffset)
    return ipHeader(transport.count, index) + transport
  }

  /// As the kernel hands it over: the checksum covers the pseudo-header only.
  var handedOver: [UInt8] {
    var transport = transportHeader(0, of: 1, payload.count) + payload
    transport.put(NaiveChecksum.sum(pseudoHeader(transport.count)), at: checksumOffset)
    return ipHeader(transport.count, 0) + transport
  }

  /// As the kernel says what is still to be done.
  var offload: OffloadHeader {
    var type: OffloadHeader.Segmentation = .none
    if gsoSize > 0 { type = isTCP ? (isIPv6 ? .tcp6 : .tcp4) : .udp }
    var isECN = false
    if case .tcp(_, let flags, _) = transport { isECN = gsoSize > 0 && flags & 0x80 != 0 }
    return OffloadHeader(
      flags: OffloadHeader.needsChecksum, gsoType: type.rawValue | (isECN ? 0x80 : 0),
      headerLength: UInt16(ipLength + transportLength), gsoSize: UInt16(gsoSize),
      checksumStart: UInt16(ipLength), checksumOffset: UInt16(checksumOffset))
  }
}

/// What crosses a TUN device: a packet behind its offload header.
struct TUNPacket: Equatable {
  var bytes: [UInt8]
  var offload: OffloadHeader

  init(_ bytes: [UInt8], _ offload: OffloadHeader = .plain) {
    self.bytes = bytes
    self.offload = offload
  }

  init(_ packet: KernelPacket) { self.init(packet.handedOver, packet.offload) }
}
