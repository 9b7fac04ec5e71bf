import Foundation
import IPv8Crypto
import IPv8Sync
import IPv8Wire
import SyncSimulator

/// Some runs: what it takes to find some differences. Means, but for the most bytes.
struct Finding: Encodable {
  let method: String
  let records: Int
  let differences: Int
  /// Found on the asking side of those there are.
  let found: Double
  let bytes: Double
  let mostBytes: Int
  let messages: Double
  let roundTrips: Double
  /// Of both sides together, the simulation's part included.
  let cpuMilliseconds: Double
}

struct Run {
  let found: Int
  let bytes: Int
  let messages: Int
  let roundTrips: Double
  let cpuMilliseconds: Double
}

enum Bench {
  static let start: UInt64 = 1_799_000_000_000

  static func cpu() -> Double {
    Double(clock()) * 1e3 / Double(CLOCKS_PER_SEC)
  }

  /// A record of one of as many signers as there are records: a table of bindings of one day.
  static func record(_ number: Int, _ random: inout SeededRandom, recent: Bool) -> SimulatedRecord {
    let time = recent ? 86_400_000 - random.next() % 600_000 : random.next() % 86_400_000
    return SimulatedRecord(
      signer: SimulatedRecord.signer(UInt64(number)), slot: 0,
      timestamp: WallTime(milliseconds: start + time), rest: random.next())
  }

  static func limits() -> SyncLimits {
    var limits = SyncLimits()
    limits.bytesPerSecond = 1_000_000_000
    limits.byteBurst = 1_000_000_000
    limits.recordsPerSecond = 1_000_000_000
    limits.recordBurst = 1_000_000_000
    return limits
  }
}

extension Bench {
  /// One session about differences of which each side has half.
  static func run(
    _ base: RecordTable, salt: SyncSalt, method: SyncMethod, differences: Int, recent: Bool,
    _ random: inout SeededRandom
  ) -> Run {
    var a = SimulatedPeer(salt: salt, seed: 1, limits: limits())
    var b = SimulatedPeer(salt: salt, seed: 2, limits: limits())
    a.book.table = base
    b.book.table = base
    for number in 0..<differences {
      let record = record(10_000_000 + number, &random, recent: recent)
      if number % 2 == 0 { a.put(record) } else { b.put(record) }
    }
    var link = SimulatedLink(a, b, seed: random.next())
    // Else each change would copy the tables.
    a = SimulatedPeer(salt: salt, seed: 1, limits: limits())
    b = a
    let before = cpu()
    link.begin(0, session: UInt32(truncatingIfNeeded: random.next()), method: method)
    link.run(for: .seconds(3_000), untilKnown: true)
    let spent = cpu() - before
    link.run(for: .seconds(3_000))
    let report = link.peers[0].reports.first
    precondition(report.map { $0.fault == nil } ?? false, "a session without a fault")
    // HELLO, STATE, ASK, TELL.
    let bytes = [1, 2, 3, 4].reduce(0) { $0 + (link.bytesByType[$1] ?? 0) }
    return Run(
      found: (report?.lacking ?? 0) + (report?.extra ?? 0), bytes: bytes,
      messages: link.messagesUntilKnown,
      roundTrips: Double(link.knownAt?.milliseconds ?? 0) / 100, cpuMilliseconds: spent)
  }

  static func finding(
    _ base: RecordTable, salt: SyncSalt, method: SyncMethod, differences: Int, recent: Bool,
    _ random: inout SeededRandom
  ) -> Finding {
    let runs = (0..<(differences < 10_000 ? 25 : 3)).map { _ in
      run(
        base, salt: salt, method: method, differences: differences, recent: recent, &random)
    }
    func mean(_ value: (Run) -> Double) -> Double {
      runs.reduce(0) { $0 + value($1) } / Double(runs.count)
    }
    return Finding(
      method: method == .ranges ? "ranges, \(recent ? "recent" : "spread")" : "\(method)",
      records: base.count, differences: differences, found: mean { Double($0.found) },
      bytes: mean { Double($0.bytes) }, mostBytes: runs.map(\.bytes).max() ?? 0,
      messages: mean { Double($0.messages) }, roundTrips: mean(\.roundTrips),
      cpuMilliseconds: mean(\.cpuMilliseconds))
  }

  /// What a table itself costs, as rows of a table.
  static func costs(_ summaries: [RecordSummary], salt: SyncSalt) -> (RecordTable, [String]) {
    var rows: [String] = []
    var table = RecordTable(seed: 1)
    var before = cpu()
    table.fill(summaries)
    rows.append("| table of \(summaries.count) records filled | \(Int(cpu() - before)) ms |")
    let plain = table
    before = cpu()
    _ = table.prepare(salt: salt)
    rows.append("| first sketch of \(summaries.count) records | \(Int(cpu() - before)) ms |")
    var random = SeededRandom(seed: 5)
    let more = (0..<20_000).map { record(20_000_000 + $0, &random, recent: true).summary }
    for (name, start) in [("no sketch", plain), ("one sketch", table)] {
      var copy = start
      // The first change copies what is shared.
      copy.insert(more[0])
      before = cpu()
      for one in more.dropFirst() { copy.insert(one) }
      let each = (cpu() - before) * 1e3 / Double(more.count - 1)
      rows.append(
        "| insertion into \(summaries.count) records, \(name) | "
          + String(format: "%.2f µs |", each))
    }
    return (table, rows)
  }
}

let arguments = CommandLine.arguments.dropFirst()
let isQuick = arguments.contains("--quick")
var random = SeededRandom(seed: 20_261_130)
var findings: [Finding] = []
var costs: [String] = []
let secret: [UInt8] = Array(0..<32)
let salt = SyncSalt(secret: SecretBytes(copying: secret.rawSpan))

for records in isQuick ? [50_000] : [50_000, 1_000_000] {
  let summaries = (0..<records).map { Bench.record($0, &random, recent: false).summary }
  let (base, rows) = Bench.costs(summaries, salt: salt)
  costs += rows
  for differences in [0, 10, 30, 100, 1_000, 10_000] {
    for (method, recent): (SyncMethod, Bool) in [
      (.rateless, true), (.ranges, true), (.ranges, false), (.bloom, true),
    ] where differences > 0 || recent {
      findings.append(
        Bench.finding(
          base, salt: salt, method: method, differences: differences, recent: recent, &random))
    }
  }
}

if arguments.contains("--json") {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
  print(String(decoding: (try? encoder.encode(findings)) ?? Data(), as: UTF8.self))
} else {
  print(
    "| records | differences | method | found | bytes | most | a difference | messages "
      + "| round trips | CPU |")
  print("|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|")
  for one in findings {
    let each = one.differences == 0 ? "" : String(format: "%.1f", one.bytes / one.found)
    print(
      "| \(one.records) | \(one.differences) | \(one.method) "
        + String(
          format: "| %.0f | %.0f | %d | %@ | %.0f | %.1f | %.1f ms |", one.found, one.bytes,
          one.mostBytes, each, one.messages, one.roundTrips, one.cpuMilliseconds))
  }
  print("\n| cost of a table | |\n|---|--:|")
  for row in costs { print(row) }
}
