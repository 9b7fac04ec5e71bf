import IPv8Control
import IPv8Directory
import IPv8Store
import IPv8Wire

extension DaemonBackend {
  /// How often a record is offered that the directory is too busy for, and milliseconds between.
  private static let offers = 40
  private static let offerPause = 50

  func records() async throws(ControlError) -> RecordsReport {
    do throws(StoreError) { return RecordsReport(try recordStore.summary()) } catch {
      throw ControlError(error)
    }
  }

  func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage {
    let types = try stored { store throws(StoreError) in try store.relationTypes() }
    let page: (lines: [String], next: String?)?
    do throws(StoreError) { page = try recordStore.page(after: cursor, types: types) } catch {
      throw ControlError(error)
    }
    guard let page else { throw ControlError(.requestMalformed, "parameter after") }
    return RecordPage(lines: page.lines, next: page.next)
  }

  func importRecords(
    _ records: RecordImport
  ) async throws(ControlError) -> RecordImportReport {
    var report = RecordImportReport()
    for (place, line) in records.lines.enumerated() {
      let number = records.firstLine + place
      let bytes: [UInt8]
      do throws(LineRefusal) { bytes = try RecordReading.bytes(line) } catch {
        report.refused.append(.init(line: number, reason: error.rawValue))
        continue
      }
      switch await offer(bytes) {
      case .accepted, .deferred: report.stored += 1
      case .known, .older: report.known += 1
      case .contradiction: report.stored += 1
      case .refused(let refusal):
        report.refused.append(.init(line: number, reason: refusal.rawValue))
      }
    }
    return report
  }

  /// Gives the directory a record, again while it is too busy, and until one whose signature waits to be
  /// checked is there.
  private func offer(_ bytes: [UInt8]) async -> RecordVerdict {
    var hasWaited = false
    for _ in 0..<Self.offers {
      let verdict = await records.ask { .offer(bytes, $0) } ?? .refused(.busy)
      switch verdict {
      case .refused(.busy): break
      case .deferred: hasWaited = true
      case .known where hasWaited: return .accepted
      default: return verdict
      }
      try? await Task.sleep(for: .milliseconds(Self.offerPause))
    }
    return .refused(.busy)
  }
}
