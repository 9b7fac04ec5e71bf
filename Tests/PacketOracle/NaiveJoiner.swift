/// Which of a series of complete packets a receiver should join: an obvious reading of
/// docs/protocol (Chunks).
public enum NaiveJoiner {
  public static func groups(_ packets: [[UInt8]]) -> [[[UInt8]]] {
    var groups: [[[UInt8]]] = []
    for packet in packets {
      if let group = groups.last, continues(packet, group) {
        groups[groups.count - 1].append(packet)
      } else {
        groups.append([packet])
      }
    }
    return groups
  }

  private struct Parts {
    var headers: [UInt8]
    let payload: Int
    /// Of IPv4 without Don't Fragment; 0 elsewhere, where it means nothing.
    let identification: UInt16
    let sequence: UInt32?
    let flags: UInt8

    /// The headers without what may differ.
    init?(_ bytes: [UInt8]) {
      let isIPv6 = bytes[0] >> 4 == 6
      let start = isIPv6 ? 40 : Int(bytes[0] & 15) * 4
      let number = bytes[isIPv6 ? 6 : 9]
      guard number == 6 || number == 17, isIPv6 || bytes.word(6) & 0x3fff == 0 else { return nil }
      let length = number == 6 ? Int(bytes[start + 12] >> 4) * 4 : 8
      headers = Array(bytes[..<(start + length)])
      payload = bytes.count - headers.count
      identification = !isIPv6 && bytes.word(6) & 0x4000 == 0 ? bytes.word(4) : 0
      for at in isIPv6 ? [4] : [2, 4, 10] { headers.put(0 as UInt16, at: at) }
      headers.put(0 as UInt16, at: start + (number == 6 ? 16 : 6))
      sequence = number == 6 ? bytes.long(start + 4) : nil
      flags = number == 6 ? bytes[start + 13] : 0
      if number == 6 {
        headers.put(0 as UInt32, at: start + 4)
        headers[start + 13] &= ~0x89
      } else {
        headers.put(0 as UInt16, at: start + 4)
      }
    }
  }

  private static func continues(_ packet: [UInt8], _ group: [[UInt8]]) -> Bool {
    guard let next = Parts(packet), let first = Parts(group[0]),
      let last = Parts(group[group.count - 1]), next.headers == first.headers,
      last.flags & 0x0f == 0, next.flags & 0xa6 == 0, next.payload > 0,
      last.payload == first.payload, next.payload <= first.payload
    else { return false }
    let isAtomic = packet[0] >> 4 == 6 || packet.word(6) & 0x4000 != 0
    guard isAtomic || next.identification == first.identification &+ UInt16(group.count) else {
      return false
    }
    guard next.sequence != nil || group.count < 64 else { return false }
    let total = first.headers.count + group.count * first.payload + next.payload
    return total <= 65_000 && next.sequence == last.sequence.map { $0 &+ UInt32(last.payload) }
  }
}
