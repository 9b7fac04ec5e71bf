import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/p2tp.md, "Kinds of datagrams".
@Suite("The kind of a datagram")
struct DatagramKindTests {
  /// The rules in the document's own order, over the first words.
  private static func oracle(_ datagram: [UInt8]) -> DatagramKind {
    func word(_ index: Int) -> UInt32 {
      datagram[(index * 4)..<(index * 4 + 4)].reduce(0) { $0 << 8 | UInt32($1) }
    }
    guard datagram.count >= 8 else { return .malformed }
    let header = P2TPHeader(word1: word(0), word2: word(1))
    if word(0) >> 31 == 1 {
      guard datagram.count >= 12 else { return .malformed }
      return word(2) == 0 ? .openedOptions(header) : .record(header, SessionID(word(2)))
    }
    if word(0) >> 30 == 1 {
      let tag = RelayTag(word(0) & 0x3fff_ffff)
      return datagram.count >= 12 ? tag.map { .relayed($0) } ?? .malformed : .malformed
    }
    if word(1) == 0x2112_a442, datagram.count >= 20 { return .stun }
    if word(1) & 0x3fff_ffff == 0 { return .opening(header) }
    return word(1) >> 30 & 1 == 1 ? .opening(header) : .malformed
  }

  private static func kind(_ datagram: [UInt8]) -> DatagramKind { DatagramKind(datagram.rawSpan) }

  @Test("follows the rules for every combination of flags, special fields and lengths")
  func exhaustive() {
    var random = TestRandom("DatagramKind")
    let fields: [UInt32] = [0, 1, 0x2112_a442 & 0x3fff_ffff, 0x3fff_ffff]
    for flags in UInt32(0)..<16 {
      for first in fields + [random.integer()] {
        for second in fields + [random.integer()] {
          for session in [UInt32(0), 1, random.integer()] {
            var datagram: [UInt8] = []
            datagram.append(bigEndian: (flags >> 2) << 30 | first & 0x3fff_ffff)
            datagram.append(bigEndian: flags << 30 | second & 0x3fff_ffff)
            datagram.append(bigEndian: session)
            datagram += random.bytes(12)
            for count in [0, 1, 7, 8, 9, 11, 12, 19, 20, 24] {
              let part = Array(datagram.prefix(count))
              #expect(Self.kind(part) == Self.oracle(part), "\(part.hex)")
            }
          }
        }
      }
    }
  }

  @Test("of what this protocol sends is never STUN")
  func neverSTUN() {
    var random = TestRandom("DatagramKind and STUN")
    for _ in 0..<100_000 {
      let answers = random.oneIn(2)
      let header = P2TPHeader(
        sop: false, clr: answers, yts: answers, first: random.integer(),
        second: answers ? random.integer() : 0)
      let datagram = header.bytes + random.bytes(12)
      guard Self.kind(datagram) == .opening(header) else {
        Issue.record("\(datagram.hex)")
        return
      }
    }
  }

  @Test("of every STUN message is STUN and nothing else")
  func alwaysSTUN() {
    var random = TestRandom("STUN")
    for _ in 0..<100_000 {
      var datagram: [UInt8] = []
      // The two leading bits of a STUN message are zero (RFC 8489 §5).
      datagram.append(bigEndian: random.integer(UInt32.self) & 0x3fff_ffff)
      datagram.append(bigEndian: UInt32(0x2112_a442))
      datagram += random.bytes(12 + Int(random.next() % 8))
      guard Self.kind(datagram) == .stun else {
        Issue.record("\(datagram.hex)")
        return
      }
    }
  }
}
