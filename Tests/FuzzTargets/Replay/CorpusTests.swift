import Foundation
import FuzzTargets
import TestVectors
import Testing

@Suite("Parsers of foreign bytes")
struct CorpusTests {
  private static func corpus(_ target: FuzzTarget) throws -> [[UInt8]] {
    let directory = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "Corpus/\(target.rawValue)")
    return try FileManager.default.contentsOfDirectory(
      at: directory, includingPropertiesForKeys: nil
    ).sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
  }

  @Test("take each sample of the corpus and each of its prefixes", arguments: FuzzTarget.allCases)
  func samples(target: FuzzTarget) throws {
    let samples = try Self.corpus(target)
    #expect(!samples.isEmpty)
    for sample in samples {
      for count in 0...sample.count { target.run(Array(sample.prefix(count))) }
    }
  }

  @Test("take thousands of changed samples", arguments: FuzzTarget.allCases)
  func mutations(target: FuzzTarget) throws {
    var random = TestRandom("Mutations of \(target)")
    let samples = try Self.corpus(target)
    for _ in 0..<3_000 {
      var bytes = samples.randomElement(using: &random) ?? []
      for _ in 0...(random.next() % 4) { Self.mutate(&bytes, &random) }
      target.run(bytes)
    }
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout TestRandom) {
    let place = Int(random.next() % UInt64(bytes.count + 1))
    switch random.next() % 5 {
    case 0: bytes.insert(contentsOf: random.bytes(Int(random.next() % 5)), at: place)
    case 1: bytes.removeLast(bytes.count - place)
    case 2: bytes += bytes.prefix(place)
    case 3 where place < bytes.count:
      bytes[place] = [0, 0xff, 0x7f, 0x80].randomElement(using: &random) ?? 0
    default: if place < bytes.count { bytes[place] ^= 1 << UInt8(random.next() % 8) }
    }
  }
}
