import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/p2tp.md, "Header".
@Suite("The P2TP header")
struct P2TPHeaderTests {
  @Test("has the bits of the examples")
  func examples() {
    #expect(
      P2TPHeader(sop: false, first: 0x1234_5678, second: 0).bytes.hex == "1234567800000000")
    #expect(
      P2TPHeader(
        sop: false, clr: true, yts: true, first: 0x0bad_cafe, second: 0x1234_5678
      ).bytes.hex == "0badcafed2345678")
    #expect(
      P2TPHeader(sop: true, clr: true, yts: true, first: 0, second: 0x0bad_cafe).bytes.hex
        == "80000000cbadcafe")
    #expect(
      P2TPHeader(sop: true, lss: true, yts: true, first: 7, second: 0x1234).bytes.hex
        == "c000000740001234")
  }

  @Test("gives back every field, and keeps 30 bits of each number")
  func fields() {
    var random = TestRandom("P2TPHeader")
    for flags in 0..<16 {
      for _ in 0..<500 {
        let (first, second) = (random.integer(UInt32.self), random.integer(UInt32.self))
        let (sop, lss, clr, yts) = (flags & 8 != 0, flags & 4 != 0, flags & 2 != 0, flags & 1 != 0)
        let header = P2TPHeader(
          sop: sop, lss: lss, clr: clr, yts: yts, first: first, second: second)
        #expect((header.sop, header.lss) == (sop, lss) && (header.clr, header.yts) == (clr, yts))
        #expect(header.first == first & 0x3fff_ffff && header.second == second & 0x3fff_ffff)
        // The drawing's places: SOP and LSS lead word 1, CLR and YTS word 2.
        #expect(header.word1 >> 30 == UInt32(flags >> 2) && header.word2 >> 30 == UInt32(flags & 3))
      }
    }
  }
}
