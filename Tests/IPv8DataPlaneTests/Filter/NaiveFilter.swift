import PacketOracle

@testable import IPv8DataPlane

/// An obvious reading of what ``PacketFilter`` promises, over bytes.
enum NaiveFilter {
  static func admits(_ filter: PacketFilter, _ packet: [UInt8]) -> Bool {
    guard case .only(let services) = filter else { return filter == .everything }
    guard let (number, port) = destination(packet) else { return false }
    for service in services where service.protocol == number {
      guard let ports = service.ports else { return true }
      if let port, ports.lowerBound <= port, port <= ports.upperBound { return true }
    }
    return false
  }

  /// The protocol and, where the packet has one whole TCP or UDP header, its destination port; nil
  /// for what is no IP packet.
  private static func destination(_ packet: [UInt8]) -> (UInt8, UInt16?)? {
    guard let first = packet.first else { return nil }
    let (start, number, isFragment): (Int, UInt8, Bool)
    if first >> 4 == 6 {
      guard packet.count >= 40, Int(packet.word(4)) == packet.count - 40 else { return nil }
      (start, number, isFragment) = (40, packet[6], false)
    } else {
      guard first >> 4 == 4, packet.count >= 20, Int(packet.word(2)) == packet.count else {
        return nil
      }
      start = Int(first & 15) * 4
      guard start >= 20, start <= packet.count else { return nil }
      (number, isFragment) = (packet[9], packet.word(6) & 0x3fff != 0)
    }
    guard !isFragment else { return (number, nil) }
    let rest = Array(packet[start...])
    if number == 6 {
      let isWhole = rest.count >= 20 && rest[12] >> 4 >= 5 && Int(rest[12] >> 4) * 4 <= rest.count
      return (number, isWhole ? rest.word(2) : nil)
    }
    return (number, number == 17 && rest.count >= 8 ? rest.word(2) : nil)
  }
}
