import Foundation
import IPv8Control
import IPv8Platform
import IPv8Records
import IPv8Store
import IPv8Wire

extension OfflineBackend {
  public func records() async throws(ControlError) -> RecordsReport {
    let summary = try withRecords(creating: false) { (store) throws(StoreError) in
      try store.summary()
    }
    return RecordsReport(summary)
  }

  public func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage {
    let types = try reading { (store) throws(StoreError) in try store.relationTypes() }
    let page = try withRecords(creating: false) { (store) throws(StoreError) in
      try store.page(after: cursor, types: types ?? RelationTypes())
    }
    guard let page else { return RecordPage(lines: [], next: nil) }
    guard let (lines, next) = page else {
      throw ControlError(.requestMalformed, "parameter after")
    }
    return RecordPage(lines: lines, next: next)
  }

  public func importRecords(
    _ records: RecordImport
  ) async throws(ControlError) -> RecordImportReport {
    let reading = RecordReading(at: SystemClock.wallTime())
    var report = RecordImportReport()
    let changes = report.take(reading.read(records.lines), from: records.firstLine)
    let stored = try withRecords(creating: true) { (store) throws(StoreError) in
      try store.apply(changes)
    }
    report.stored = stored ?? 0
    report.known = changes.count - report.stored
    return report
  }

  /// Nil where there are no records yet and none are to be made.
  private func withRecords<T>(
    creating: Bool, _ body: (RecordStore) throws(StoreError) -> T
  ) throws(ControlError) -> T? {
    guard creating || FileManager.default.fileExists(atPath: state.records) else { return nil }
    do throws(StoreError) { return try body(try recordStore()) } catch {
      throw ControlError(error)
    }
  }
}

extension RecordImportReport {
  /// The records among `outcomes` of lines from number `first` on; the others are noted as refused.
  mutating func take(
    _ outcomes: [Result<RecordChange, LineRefusal>], from first: Int
  ) -> [RecordChange] {
    var changes: [RecordChange] = []
    for (place, outcome) in outcomes.enumerated() {
      switch outcome {
      case .success(let change): changes.append(change)
      case .failure(let refusal):
        refused.append(Refusal(line: first + place, reason: refusal.rawValue))
      }
    }
    return changes
  }
}

extension RecordsReport {
  /// Nothing where there is no store.
  init(_ summary: RecordSummary?) {
    self.init(
      peers: summary?.peers ?? 0, bindings: Kind(summary?.bindings),
      relations: Kind(summary?.relations), contradictions: Kind(summary?.contradictions),
      bytes: summary?.bytes ?? 0)
  }
}

extension RecordsReport.Kind {
  init(_ table: RecordSummary.Table?) {
    self.init(
      count: table?.count ?? 0,
      oldestMilliseconds: table?.oldest.map { Int(clamping: $0.milliseconds) },
      newestMilliseconds: table?.newest.map { Int(clamping: $0.milliseconds) })
  }
}
