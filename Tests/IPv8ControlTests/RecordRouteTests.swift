import Testing

@testable import IPv8Control

@Suite struct RecordRouteTests {
  @Test("records are counted, exported page by page and imported through the socket")
  func roundTrip() async throws {
    try await withServer { client, _, _ in
      #expect(try await client.records().bindings.count == 1)
      let first = try await client.exportRecords(after: nil)
      #expect(first == RecordPage(lines: ["after nothing"], next: "a&b"))
      let second = try await client.exportRecords(after: first.next)
      #expect(second == RecordPage(lines: ["after a&b"], next: nil))
      let report = try await client.importRecords(RecordImport(lines: ["{", "}"], firstLine: 7))
      #expect(report.stored == 2)
      #expect(report.refused == [RecordImportReport.Refusal(line: 7, reason: "forged")])
    }
  }
}
