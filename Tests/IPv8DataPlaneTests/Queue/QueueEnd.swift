import IPv8Wire

@testable import IPv8DataPlane

/// The queues of a lane without the lane, behind a reference.
final class QueueEnd {
  static let start = Timestamp(nanoseconds: 1_000_000_000_000)
  static let peer = PeerIndex(0)

  var queues: PacketQueues
  var counters = LaneCounters()

  init(capacity: Int = PacketMemory.ceiling) {
    queues = PacketQueues(key: (0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210), capacity: capacity)
  }

  var memoryByteCount: Int { queues.memoryByteCount }

  /// Returns how many packets that costs.
  @discardableResult
  func put(
    _ packet: [UInt8], of index: PeerIndex = peer, isChunk: Bool = false, at now: Timestamp
  ) -> Int {
    queues.append(packet.rawSpan, isChunk: isChunk, of: index, at: now)
  }

  /// - Parameter flow: the number of a ``QueuedPacket``'s flow; nil for the peer.
  func declare(
    _ kind: TrafficClass?, flow: UInt16? = nil, isIPv6: Bool = true, of index: PeerIndex = peer
  ) {
    let flow = flow.map {
      DeclaredFlow(
        isIPv6: isIPv6, transport: IPProtocol.udp, localPort: 5000, remotePort: $0)
    }
    queues.declare(kind, for: flow, of: index)
  }

  func excuse(until end: Timestamp) { queues.excuse(Self.peer, until: end) }

  func take(of index: PeerIndex = peer, at now: Timestamp) -> [UInt8]? {
    guard let packet = queues.take(of: index, counters: &counters, at: now) else { return nil }
    var bytes = [UInt8](repeating: 0, count: queues.length(packet))
    bytes.withMutableRawSpan { queues.copy(packet, into: &$0, at: 0) }
    queues.free(packet)
    return bytes
  }
}

/// A UDP packet whose payload says which flow it is of and which of its packets.
struct QueuedPacket: Equatable {
  var flow: UInt16
  var serial: UInt32
  /// Of the whole packet; at least ``leastSize``.
  var size = 1280
  var codepoint: UInt8 = 0
  var ecn: UInt8 = 0
  var isIPv6 = true

  static let leastSize = 60

  var bytes: [UInt8] {
    let traffic = codepoint << 2 | ecn
    var bytes: [UInt8]
    if isIPv6 {
      bytes = [0x60 | traffic >> 4, traffic << 4, 0, 0]
      bytes.append(bigEndian: UInt16(size - 40))
      bytes += [IPProtocol.udp, 64] + [UInt8](repeating: 1, count: 16)
      bytes += [UInt8](repeating: 2, count: 16)
    } else {
      bytes = [0x45, traffic]
      bytes.append(bigEndian: UInt16(size))
      bytes += [0, 7, 0x40, 0, 64, IPProtocol.udp, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]
      let checksum = InternetChecksum.fold(InternetChecksum.sum(bytes.rawSpan))
      bytes.withMutableRawSpan { $0.storeBigEndian(checksum, at: 10) }
    }
    bytes.append(bigEndian: UInt16(5000))
    bytes.append(bigEndian: flow)
    bytes += [0, 0, 0, 0]
    bytes.append(bigEndian: serial)
    return bytes + [UInt8](repeating: 9, count: size - bytes.count)
  }
}

extension [UInt8] {
  /// Of a ``QueuedPacket``.
  var queued: QueuedPacket {
    let isIPv6 = self[0] >> 4 == 6
    let header = isIPv6 ? 40 : 20
    let traffic = isIPv6 ? self[0] << 4 | self[1] >> 4 : self[1]
    return QueuedPacket(
      flow: rawSpan.bigEndian(UInt16.self, at: header + 2),
      serial: rawSpan.bigEndian(UInt32.self, at: header + 8), size: count,
      codepoint: traffic >> 2, ecn: traffic & 3, isIPv6: isIPv6)
  }
}
