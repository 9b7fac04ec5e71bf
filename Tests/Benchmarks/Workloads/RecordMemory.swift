import IPv8Crypto
import IPv8Wire

/// Texts of one size, the records they are sealed into, and the texts opened again; each kind one
/// behind the other, as in a lane's arenas.
struct RecordMemory: ~Copyable {
  let layout: Layout
  var texts: PacketSlab
  var records: PacketSlab
  var opened: PacketSlab

  /// Where things lie.
  struct Layout {
    let count: Int
    /// Bytes of a text.
    let size: Int

    var recordSize: Int { DatagramKind.recordPrefix + size + AEADSuite.tagByteCount }

    func text(_ place: Int) -> PacketRange {
      PacketRange(slot: 0, offset: place * size, length: size)
    }

    func record(_ place: Int) -> PacketRange {
      PacketRange(slot: 0, offset: place * recordSize, length: recordSize)
    }
  }

  init(count: Int, size: Int, seed: UInt64) {
    layout = Layout(count: count, size: size)
    let spare = PacketSlab.headroom + PacketSlab.tailroom + 1
    texts = PacketSlab(slotCount: 1, slotSize: count * size + spare)
    records = PacketSlab(slotCount: 1, slotSize: count * layout.recordSize + spare)
    opened = PacketSlab(slotCount: 1, slotSize: count * size + spare)
    var random = SeededRandom(seed: seed)
    let all = PacketRange(slot: 0, offset: 0, length: count * size)
    texts.copy(.random(all.length, using: &random), to: all)
  }
}

extension [UInt8] {
  static func random(_ count: some BinaryInteger, using random: inout SeededRandom) -> [UInt8] {
    (0..<Int(count)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }
}
