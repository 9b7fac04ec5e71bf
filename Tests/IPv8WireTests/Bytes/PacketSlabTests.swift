import IPv8Wire
import TestVectors
import Testing

@Suite("A packet slab")
struct PacketSlabTests {
  private static func fill(_ slab: inout PacketSlab, _ range: PacketRange, with byte: UInt8) {
    var span = slab[range]
    for offset in 0..<span.byteCount { span.storeBigEndian(byte, at: offset) }
  }

  private static func bytes(_ slab: inout PacketSlab, _ range: PacketRange) -> [UInt8] {
    let span = slab[range]
    return span.bytes.copyBytes()
  }

  @Test("begins as zeros, and what is written to one slot stays out of the others")
  func isolation() {
    var slab = PacketSlab(slotCount: 5, slotSize: 100)
    for slot in 0..<5 {
      let whole = PacketRange(slot: slot, offset: 0, length: 100)
      #expect(Self.bytes(&slab, whole) == [UInt8](repeating: 0, count: 100))
    }
    for slot in 0..<5 {
      Self.fill(&slab, PacketRange(slot: slot, offset: 10, length: 80), with: UInt8(slot + 1))
    }
    for slot in 0..<5 {
      let expected =
        [UInt8](repeating: 0, count: 10) + [UInt8](repeating: UInt8(slot + 1), count: 80)
        + [UInt8](repeating: 0, count: 10)
      #expect(Self.bytes(&slab, PacketRange(slot: slot, offset: 0, length: 100)) == expected)
    }
    #expect(Self.bytes(&slab, PacketRange(slot: 4, offset: 100, length: 0)) == [])
  }

  @Test("a range grows at both ends")
  func grown() {
    let range = PacketRange(slot: 2, offset: 32, length: 40).grown(front: 12, back: 16)
    #expect(range == PacketRange(slot: 2, offset: 20, length: 68))
  }

  @Test("traps for a range that leaves its slot")
  func bounds() async {
    await #expect(processExitsWith: .failure) { Self.touch(slot: 1, offset: 90, length: 11) }
    await #expect(processExitsWith: .failure) { Self.touch(slot: 2, offset: 0, length: 1) }
    await #expect(processExitsWith: .failure) { Self.touch(slot: -1, offset: 0, length: 1) }
    await #expect(processExitsWith: .failure) { Self.touch(slot: 0, offset: -1, length: 1) }
    await #expect(processExitsWith: .failure) { Self.touch(slot: 0, offset: 0, length: -1) }
    await #expect(processExitsWith: .success) { Self.touch(slot: 1, offset: 90, length: 10) }
  }

  private static func touch(slot: Int, offset: Int, length: Int) {
    var slab = PacketSlab(slotCount: 2, slotSize: 100)
    _ = bytes(&slab, PacketRange(slot: slot, offset: offset, length: length))
  }
}
