import IPv8Wire
import Testing

@Suite("A carrier")
struct CarrierTests {
  @Test("is read back from the endpoint that stands for it")
  func roundTrips() throws {
    let tags = [1, 77, RelayTag.mask].compactMap { RelayTag($0) }
    #expect(tags.count == 3)
    let carriers: [Carrier] =
      tags.flatMap { tag in
        [0, 5, Int(UInt32.max)].map { Carrier.relay(PeerIndex($0), tag: tag) }
      } + [0, 9, .max].flatMap { [Carrier.socket($0), Carrier.stream($0)] }
    for carrier in carriers {
      let endpoint = Endpoint(carrier)
      #expect(endpoint.carrier == carrier && endpoint.isReserved)
    }
    #expect(Set(carriers.map { Endpoint($0) }).count == carriers.count)
  }

  @Test("stands in the discard-only prefix alone (RFC 6666)")
  func isDiscardOnly() throws {
    let endpoint = Endpoint(.stream(7))
    #expect(endpoint.description.hasPrefix("[100::"))
    for text in ["192.0.2.1:1", "[100:0:0:1::7]:1", "[101::7]:1", "[::100]:1"] {
      let other = try #require(Endpoint(text: text))
      #expect(!other.isReserved && other.carrier == nil)
    }
    let none = try #require(Endpoint(text: "[100::7]:1"))
    #expect(none.isReserved && none.carrier == nil)
  }

  @Test("has a tag of 30 bits that is not zero")
  func tags() {
    #expect(RelayTag(0) == nil && RelayTag(1 << 30) == nil)
    #expect(RelayTag(RelayTag.mask)?.value == 0x3fff_ffff)
  }
}
