import IPv8Control

extension DaemonBackend {
  func records() async throws(ControlError) -> RecordsReport { RecordsReport(nil) }

  func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage {
    RecordPage(lines: [], next: nil)
  }

  func importRecords(_ records: RecordImport) async throws(ControlError) -> RecordImportReport {
    throw ControlError(.internalError, "records are not kept yet")
  }
}
