import Foundation
import Glibc
import IPv8Records
import IPv8Store
import IPv8Wire

/// A writer that is killed at random moments, and a look at what is left.
struct Kills {
  let path: String
  let sample: Sample

  private static let batch = 20

  private func store() throws -> RecordStore {
    try RecordStore(path: path, capacity: RecordCapacity(peers: 1_000_000))
  }

  /// The changes of a batch: some new peers, a newer binding of the first, a relation, and the removal
  /// of one that came long before.
  private func changes(_ number: Int) -> [RecordChange] {
    var changes = (1...Self.batch).map {
      RecordChange.binding(sample.binding(number * Self.batch + $0))
    }
    changes.append(.binding(sample.binding(0, version: number + 1)))
    changes.append(.relation(sample.relation(number, of: 1_000_000)))
    if number >= 50 {
      changes.append(.removeBinding(sample.permID((number - 50) * Self.batch + 1)))
    }
    return changes
  }

  /// Writes batches from `number` on for ever, and a byte to standard output for each that is
  /// acknowledged.
  func write(from number: Int) throws {
    let writer = RecordWriter(try store())
    var number = number
    while true {
      writer.submit(changes(number))
      guard writer.flush() else { leave("a batch was not written") }
      putchar(1)
      fflush(nil)
      number += 1
    }
  }

  func run(_ rounds: Int) throws {
    var random = SeededRandom(seed: 5)
    var (acknowledged, repairs) = (0, 0)
    for round in 0..<rounds {
      let count = try kill(after: Int.random(in: 0..<60_000, using: &random), from: acknowledged)
      let first = acknowledged
      acknowledged += count
      let store = try store()
      if try store.repair != nil || !store.check() { repairs += 1 }
      try check(store, first: first, acknowledged: acknowledged, round)
      try store.close()
    }
    row(
      "kills, batches acknowledged, batches lost, files damaged",
      "\(rounds), \(acknowledged), 0, \(repairs)")
    guard repairs == 0 else { leave("damaged") }
  }

  /// Runs a writer for `microseconds`; returns how many batches it said were there.
  private func kill(after microseconds: Int, from number: Int) throws -> Int {
    let writer = Process()
    writer.executableURL = URL(fileURLWithPath: CommandLine.arguments[0])
    writer.arguments = ["write", path, "--from", "\(number)"]
    let pipe = Pipe()
    writer.standardOutput = pipe
    try writer.run()
    usleep(UInt32(microseconds))
    Glibc.kill(writer.processIdentifier, SIGKILL)
    let said = try pipe.fileHandleForReading.readToEnd()?.count ?? 0
    writer.waitUntilExit()
    return said
  }

  private func check(
    _ store: RecordStore, first: Int, acknowledged: Int, _ round: Int
  ) throws {
    for number in max(0, first - 2)..<acknowledged {
      for place in 2...Self.batch {
        let binding = sample.binding(number * Self.batch + place)
        guard try store.binding(of: binding.record.permID) == binding else {
          leave("round \(round): batch \(number) is lost")
        }
      }
      guard number >= 50 else { continue }
      let removed = sample.permID((number - 50) * Self.batch + 1)
      guard try store.binding(of: removed) == nil else {
        leave("round \(round): what batch \(number) removed is there")
      }
    }
    guard acknowledged > 0 else { return }
    let newest = sample.binding(0, version: acknowledged).record.timestamp
    guard let kept = try store.binding(of: sample.permID(0)), kept.record.timestamp >= newest else {
      leave("round \(round): the newest binding is lost")
    }
  }
}
