import PacketOracle

/// Everything that arrives at one interface while a test runs, judged afterwards.
final class WireCapture {
  /// Of large packets, one in so many is looked at when there is not time for all.
  private static let sampling = 16

  private let socket: PacketSocket

  /// - Parameter room: for what arrives before it is judged, bytes; a little of it makes samples.
  init(on host: Host, interface: String = "eth0", room: Int32 = 64 << 20) throws {
    socket = try PacketSocket(on: host, interface: interface, room: room)
  }

  /// What a capture says of the packets in it.
  struct Verdict: CustomStringConvertible {
    /// Whole packets by protocol number, fragments put together first.
    var packets: [UInt8: Int] = [:]
    var fragments = 0
    /// By their two ECN bits.
    var marked: [UInt8: Int] = [:]
    /// TCP segments with ECE, and with CWR.
    var echoes = 0
    var reductions = 0
    var faults: [String] = []

    var description: String {
      "\(packets) packets, \(fragments) fragments, ECN \(marked), \(echoes) with ECE, "
        + "\(reductions) with CWR, faults \(faults.prefix(3))"
    }
  }

  /// Judges what has come so far, or samples of what comes until `isOver`. On a cable every checksum
  /// has to be there; on the overlay interface it may still be partial, and large packets are judged
  /// by what a kernel makes of them.
  func judge(until isOver: (() -> Bool)? = nil) throws -> Verdict {
    var verdict = Verdict()
    var reassembly = Reassembly()
    var large = 0
    while isOver?() != true {
      guard let frame = try socket.receive(within: 0.2) else {
        if isOver == nil { break }
        continue
      }
      if isOver != nil, frame.bytes.count > 4_000 {
        large += 1
        guard large % Self.sampling == 0 else { continue }
      }
      if socket.isCable {
        if let bytes = frame.ipPacket { verdict.add(bytes, &reassembly) }
      } else if let segments = NaiveSegmenter.segments(frame) {
        for segment in segments { verdict.add(segment, &reassembly) }
      } else {
        verdict.faults.append("a kernel would refuse it: \(frame.offload)")
      }
    }
    return verdict
  }
}

extension WireCapture.Verdict {
  fileprivate mutating func add(_ bytes: [UInt8], _ reassembly: inout Reassembly) {
    guard let layers = IPLayers(bytes) else { return }
    if let fault = ChecksumVerdict.fault(bytes) { faults.append(fault) }
    marked[layers.ecn, default: 0] += 1
    if layers.fragment != nil { fragments += 1 }
    guard let whole = reassembly.add(bytes), let number = IPLayers(whole)?.number else { return }
    if layers.fragment != nil, let fault = ChecksumVerdict.fault(whole) {
      faults.append("in fragments: \(fault)")
    }
    packets[number, default: 0] += 1
    guard number == 6, layers.fragment == nil, bytes.count > layers.transport + 13 else { return }
    let flags = bytes[layers.transport + 13]
    // Both on a SYN negotiate (RFC 3168 §6.1.1).
    guard flags & 0x02 == 0 else { return }
    echoes += flags & 0x40 != 0 ? 1 : 0
    reductions += flags & 0x80 != 0 ? 1 : 0
  }
}

extension TUNPacket {
  /// Of an Ethernet frame: its IP packet without what pads the frame; nil where it holds none.
  var ipPacket: [UInt8]? {
    guard bytes.count >= PacketSocket.ethernetHeader + 20,
      [0x0800, 0x86dd].contains(bytes.word(12))
    else { return nil }
    let packet = Array(bytes.dropFirst(PacketSocket.ethernetHeader))
    let length = packet[0] >> 4 == 4 ? Int(packet.word(2)) : 40 + Int(packet.word(4))
    return Array(packet.prefix(length))
  }
}
