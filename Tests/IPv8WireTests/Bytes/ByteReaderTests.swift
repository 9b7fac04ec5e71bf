import IPv8Wire
import TestVectors
import Testing

@Suite("Bytes")
struct ByteReaderTests {
  @Test("are read in network order until they end, and never beyond")
  func reading() throws {
    var random = TestRandom("ByteReader")
    for _ in 0..<2_000 {
      let bytes = random.bytes(Int(random.next() % 40))
      var rest = bytes[...]
      var reader = ByteReader(bytes.rawSpan)
      while true {
        #expect(reader.remaining == rest.count && reader.offset == bytes.count - rest.count)
        let size = [1, 2, 4, 8, 16].randomElement(using: &random) ?? 1
        let value: UInt128
        do throws(Truncated) {
          value = try Self.integer(&reader, size)
        } catch {
          #expect(rest.count < size)
          break
        }
        #expect(value == rest.prefix(size).reduce(0) { $0 << 8 | UInt128($1) })
        rest = rest.dropFirst(size)
      }
      let left = rest.count
      #expect(throws: Truncated.self) { try Self.array(bytes, after: bytes.count - left, left + 1) }
      #expect(throws: Truncated.self) { try Self.array(bytes, after: 0, -1) }
      #expect(try Self.array(bytes, after: bytes.count - left, left) == Array(rest))
    }
  }

  private static func array(
    _ bytes: [UInt8], after offset: Int, _ count: Int
  ) throws(Truncated) -> [UInt8] {
    var reader = ByteReader(bytes.rawSpan)
    _ = try reader.range(offset)
    return try reader.array(count)
  }

  private static func integer(
    _ reader: inout ByteReader, _ size: Int
  ) throws(Truncated) -> UInt128 {
    switch size {
    case 1: UInt128(try reader.integer(UInt8.self))
    case 2: UInt128(try reader.integer(UInt16.self))
    case 4: UInt128(try reader.integer(UInt32.self))
    case 8: UInt128(try reader.integer(UInt64.self))
    default: try reader.integer(UInt128.self)
    }
  }

  @Test("are appended and stored in network order")
  func writing() {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: UInt16(0x0102))
    bytes.append(bigEndian: UInt32(0x0304_0506))
    bytes.append(bigEndian: Int8(-1))
    #expect(bytes == [1, 2, 3, 4, 5, 6, 0xff])
    bytes.withMutableRawSpan { span in
      span.storeBigEndian(UInt32(0x0a0b_0c0d), at: 3)
      let source: [UInt8] = [0x77]
      span.copy(source.rawSpan, to: 0)
    }
    #expect(bytes == [0x77, 2, 3, 0x0a, 0x0b, 0x0c, 0x0d])
  }
}
