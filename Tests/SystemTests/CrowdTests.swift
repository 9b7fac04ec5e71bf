import Testing

extension SystemTests {
  /// Many daemons on one machine (scripts/crowd; docs/benchmarks/crowd.md).
  @Suite("A crowd", .serialized)
  struct CrowdTests {
    struct Record: Decodable {
      struct Rest: Decodable {
        let ownBytes: Double
        let processorPerMille: Double
        let datagramsPerSecond: Double
      }
      struct Meeting: Decodable {
        let pairs: Int
        let answered: Int
      }
      let alone: Rest
      let acquainted: Rest
      let meeting: Meeting
    }

    @Test("twenty daemons are small and quiet at rest, and all pairs of them reach each other")
    func twenty() throws {
      let record: Record = try Measurement.run(
        "crowd", "--nodes", "20", "--talkers", "20", "--seconds", "10", within: 120)
      #expect(record.meeting.pairs == 190)
      #expect(record.meeting.answered == 190)
      for rest in [record.alone, record.acquainted] {
        #expect(rest.ownBytes < 16e6)
        #expect(rest.processorPerMille < 10)
      }
      #expect(record.alone.datagramsPerSecond < 10)
      // They have just met, and tell each other of everybody's records.
      #expect(record.acquainted.datagramsPerSecond < 40)
    }
  }
}
