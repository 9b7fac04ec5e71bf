import IPv8Wire

/// The header bytes that all segments of one flow share, compared a word at a time: all but lengths,
/// the IPv4 identification, the TCP sequence and checksums. PSH and FIN may differ; CWR must be
/// absent, because it stays on the first segment alone, as segmentation will have it again.
///
/// The bytes and their mask lie at the front of the arena; this value only says how many they are.
struct HeaderPattern {
  static let push: UInt8 = 0x08
  static let finish: UInt8 = 0x01
  static let reduced: UInt8 = 0x80

  /// From the kept headers to their mask.
  private static let mask = PacketArena.runMask - PacketArena.runHeader

  private let headerLength: Int

  /// Keeps the headers of the packet at `start`, the first of its run, which `layout` describes.
  init(_ layout: TransportLayout, at start: Int, in arena: inout PacketArena) {
    headerLength = layout.headerLength
    arena.move(start, headerLength, to: PacketArena.runHeader)
    var kept = arena[PacketArena.runHeader, 2 * Self.mask]
    Self.fill(&kept, headerLength)
    let transport = layout.transport
    if layout.isIPv6 {
      Self.ignore(4..<6, in: &kept)
    } else {
      Self.ignore(2..<6, in: &kept)
      Self.ignore(10..<12, in: &kept)
    }
    Self.ignore(transport + 4..<transport + 8, in: &kept)
    guard layout.isTCP else { return }
    Self.ignore(transport + 16..<transport + 18, in: &kept)
    let flags = transport + 13
    kept.storeBigEndian(~(Self.push | Self.finish), at: Self.mask + flags)
    let first = kept.bigEndian(UInt8.self, at: flags)
    kept.storeBigEndian(first & ~Self.reduced, at: flags)
  }

  private static func fill(_ kept: inout MutableRawSpan, _ count: Int) {
    // Headers are a multiple of four bytes long.
    for at in stride(from: 0, to: count, by: 4) {
      kept.storeBigEndian(UInt32.max, at: mask + at)
    }
  }

  private static func ignore(_ range: Range<Int>, in kept: inout MutableRawSpan) {
    for at in range { kept.storeBigEndian(UInt8(0), at: mask + at) }
  }

  /// Whether the packet at `offset`, longer than the headers, has the same ones.
  func matches(_ offset: Int, in arena: borrowing PacketArena) -> Bool {
    let all = arena.contents(0, offset + headerLength)
    var at = 0
    while at + 8 <= headerLength {
      let difference =
        all.bigEndian(UInt64.self, at: offset + at)
        ^ all.bigEndian(UInt64.self, at: PacketArena.runHeader + at)
      guard difference & all.bigEndian(UInt64.self, at: PacketArena.runMask + at) == 0 else {
        return false
      }
      at += 8
    }
    guard at < headerLength else { return true }
    let difference =
      all.bigEndian(UInt32.self, at: offset + at)
      ^ all.bigEndian(UInt32.self, at: PacketArena.runHeader + at)
    return difference & all.bigEndian(UInt32.self, at: PacketArena.runMask + at) == 0
  }
}
