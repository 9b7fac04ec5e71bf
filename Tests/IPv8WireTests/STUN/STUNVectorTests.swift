import IPv8Wire
import TestVectors
import Testing

/// RFC 5769.
@Suite("The STUN vectors of RFC 5769")
struct STUNVectorTests {
  struct File: Decodable { let vectors: [Vector] }

  struct Vector: Decodable {
    let name: String
    let hex: Hex
    let password: String?
    let software: String?
    let xor_mapped: String?
  }

  private static let vectors = Result {
    try VectorFile.json("rfc5769_stun.json", as: File.self).vectors
  }

  @Test("parse to what the RFC says is in them")
  func contents() throws {
    let vectors = try Self.vectors.get()
    #expect(vectors.count == 4)
    for vector in vectors {
      let read = STUNMessage(vector.hex.bytes)
      let message = try #require(read, "\(vector.name)")
      #expect(message.method == STUNMessage.bindingMethod)
      #expect(message.messageClass == (vector.xor_mapped == nil ? .request : .success))
      #expect(message.software == vector.software.map { Array($0.utf8) })
      #expect(message.xorMapped == vector.xor_mapped.flatMap { Endpoint(text: $0) })
      #expect(message.isFingerprinted == (vector.software != nil))
      #expect(!message.transaction.isClassic)
    }
    // PRIORITY, which only ICE knows, must be understood.
    #expect(STUNMessage(vectors[0].hex.bytes)?.unknownRequired == [0x0024])
    #expect(STUNMessage(vectors[1].hex.bytes)?.unknownRequired == [])
  }

  @Test("have their MESSAGE-INTEGRITY where the parser says")
  func integrity() throws {
    for vector in try Self.vectors.get() {
      guard let password = vector.password else { continue }
      let bytes = vector.hex.bytes
      let message = STUNMessage(bytes)
      let range = try #require(message?.integrity)
      // The covered length ends with the attribute itself (RFC 8489 §14.5).
      var covered = Array(bytes[..<(range.lowerBound - 4)])
      covered[2] = UInt8((range.upperBound - 20) >> 8)
      covered[3] = UInt8((range.upperBound - 20) & 255)
      #expect(
        HMACSHA1.mac(covered, key: Array(password.utf8)) == Array(bytes[range]), "\(vector.name)")
    }
  }

  @Test("with one bit changed are refused by their FINGERPRINT")
  func fingerprint() throws {
    for vector in try Self.vectors.get() where vector.software != nil {
      for bit in 0..<(vector.hex.bytes.count * 8) {
        var bytes = vector.hex.bytes
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let message = STUNMessage(bytes)
        #expect(message?.isFingerprinted != true, "\(vector.name), bit \(bit)")
      }
    }
  }
}
