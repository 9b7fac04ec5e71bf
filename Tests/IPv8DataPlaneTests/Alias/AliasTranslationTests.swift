import IPv8Wire
import TestVectors
import Testing

@testable import IPv8DataPlane

/// docs/protocol/addresses.md, "Translation".
@Suite("Alias translation")
struct AliasTranslationTests {
  private static func apply(_ translation: AliasTranslation, _ packet: [UInt8]) -> [UInt8]? {
    guard let header = IPv4Header(packet.rawSpan) else { return nil }
    var copy = packet
    copy.withMutableRawSpan { translation.apply(to: &$0, header) }
    return copy
  }

  private static func translation(
    _ source: (UInt32, UInt32), _ destination: (UInt32, UInt32)
  ) -> AliasTranslation {
    AliasTranslation(
      source: (IPv4Address(source.0), IPv4Address(source.1)),
      destination: (IPv4Address(destination.0), IPv4Address(destination.1)))
  }

  @Test("gives the packet that its sender would have built between the new addresses, and back")
  func agreesWithOracle() throws {
    var random = TestRandom("AliasTranslation")
    for round in 0..<20_000 {
      let old = (random.integer(UInt32.self), random.integer(UInt32.self))
      let new = (
        random.oneIn(4) ? old.0 : random.integer(UInt32.self),
        random.oneIn(4) ? old.1 : random.integer(UInt32.self)
      )
      let sample = PacketSample.random(&random, source: old.0, destination: old.1)
      let packet = sample.bytes
      let expected = sample.moved(source: new.0, destination: new.1).bytes
      let there = try #require(
        Self.apply(Self.translation((old.0, new.0), (old.1, new.1)), packet))
      #expect(there == expected, "round \(round): \(sample)")
      let back = try #require(
        Self.apply(Self.translation((new.0, old.0), (new.1, old.1)), there))
      #expect(back == packet, "round \(round): \(sample)")
      guard there == expected, back == packet else { return }
    }
  }

  @Test("leaves a quote alone that is not between the packet's own addresses")
  func foreignQuote() throws {
    let quoted = PacketSample(source: 9, destination: 1, payload: .udp([1, 2, 3], checksum: true))
    let sample = PacketSample(
      source: 1, destination: 2, payload: .error(3, quoted, kept: 31))
    var moved = sample
    (moved.source, moved.destination) = (5, 6)
    let packet = Self.apply(Self.translation((1, 5), (2, 6)), sample.bytes)
    #expect(packet == moved.bytes)
  }

  @Test("changes nothing where both addresses stay")
  func identity() {
    var random = TestRandom("AliasTranslation identity")
    let translation = Self.translation((7, 7), (8, 8))
    #expect(translation.isIdentity && !Self.translation((7, 8), (8, 8)).isIdentity)
    for _ in 0..<200 {
      let packet = PacketSample.random(&random, source: 7, destination: 8).bytes
      #expect(Self.apply(translation, packet) == packet)
    }
  }

  @Test("takes any bytes behind a valid header, and changes only addresses and checksums")
  func arbitrary() throws {
    var random = TestRandom("AliasTranslation on noise")
    for _ in 0..<20_000 {
      var packet = PacketSample(
        source: 1, destination: 2, payload: .fragment(1, random.bytes(Int(random.next() % 90)))
      ).bytes
      packet[6] = 0
      packet[7] = 0
      packet[9] = [1, 6, 17, 33, 136, 2].randomElement(using: &random) ?? 1
      let after = try #require(Self.apply(Self.translation((1, 3), (2, 4)), packet))
      #expect(after.count == packet.count)
      #expect(Array(after[..<10]) == Array(packet[..<10]))
      #expect(Array(after[12..<20]) == [0, 0, 0, 3, 0, 0, 0, 4])
    }
  }
}
