import PacketOracle

/// Everything that arrives at one interface while a test runs, judged afterwards.
final class WireCapture {
  private let socket: PacketSocket

  init(on host: Host, interface: String = "eth0") throws {
    socket = try PacketSocket(on: host, interface: interface)
  }

  /// What a capture says of the checksums in it.
  struct Verdict: CustomStringConvertible {
    /// Whole packets by protocol number, fragments put together first.
    var packets: [UInt8: Int] = [:]
    var fragments = 0
    var marked: [UInt8: Int] = [:]
    var faults: [String] = []

    var description: String {
      "\(packets) packets, \(fragments) fragments, ECN \(marked), faults \(faults.prefix(3))"
    }
  }

  /// Judges what has come so far, on an interface whose sender computes every checksum.
  func judge() throws -> Verdict {
    var verdict = Verdict()
    var reassembly = Reassembly()
    while let frame = try socket.receive(within: 0.2) {
      guard let bytes = frame.ipPacket, let layers = IPLayers(bytes) else { continue }
      if let fault = ChecksumVerdict.fault(bytes) { verdict.faults.append(fault) }
      verdict.marked[layers.ecn, default: 0] += 1
      if layers.fragment != nil { verdict.fragments += 1 }
      guard let whole = reassembly.add(bytes) else { continue }
      if layers.fragment != nil, let fault = ChecksumVerdict.fault(whole) {
        verdict.faults.append("in fragments: \(fault)")
      }
      if let number = IPLayers(whole)?.number { verdict.packets[number, default: 0] += 1 }
    }
    return verdict
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
