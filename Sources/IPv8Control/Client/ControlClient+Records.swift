import FoundationEssentials
import NIOHTTP1

extension ControlClient {
  public func records() async throws(ControlError) -> RecordsReport {
    try await request(.GET, "records")
  }

  public func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage {
    let query = cursor.map { QueryItems([("after", $0)]).encoded }
    return try await request(.GET, "records/export" + (query.map { "?" + $0 } ?? ""))
  }

  public func importRecords(
    _ records: RecordImport
  ) async throws(ControlError) -> RecordImportReport {
    try await request(.POST, "records", try ControlJSON.encode(records))
  }
}
