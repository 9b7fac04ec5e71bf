import Foundation
import Glibc
import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct RecordKillTests {
  @Test("after kill -9 at any moment the records are sound and hold every acknowledged batch")
  func kill() async throws {
    let directory = try TemporaryDirectory()
    let file = directory.records
    var random = SeededRandom(seed: 11)
    for round in 0..<25 {
      let first = acknowledged(file)
      let microseconds = Int.random(in: 0..<40_000, using: &random)
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [file = file as String, microseconds = microseconds as Int, first = first as Int] in
        try writeUntilKilled(file, from: first, after: microseconds)
      }
      let store = try directory.recordStore()
      let count = acknowledged(file)
      let repair = try store.mend()
      #expect(store.repair == nil && repair == nil, "round \(round)")
      for number in first..<count {
        #expect(try store.binding(of: Signer(number).permID) != nil, "round \(round)")
      }
      let newest = try store.binding(of: Signer(1_000_000).permID)?.record.timestamp
      #expect(
        count == 0 || newest ?? WallTime(milliseconds: 0) >= RecordFixture.time(UInt64(count)))
      try store.close()
    }
    #expect(acknowledged(file) > 0)
  }
}

/// Writes batch after batch, each with a new peer and a newer binding of one, and appends a byte to a
/// file after each that is acknowledged, until a thread kills the process.
private func writeUntilKilled(_ file: String, from first: Int, after microseconds: Int) throws {
  let killer = Thread {
    usleep(UInt32(microseconds))
    Glibc.kill(getpid(), SIGKILL)
  }
  killer.start()
  let writer = RecordWriter(
    try RecordStore(path: file, capacity: RecordCapacity(peers: 100_000)))
  let log = open(file + ".log", O_CREAT | O_WRONLY | O_APPEND, 0o600)
  var number = first
  while true {
    writer.submit([
      .binding(Signer(number).binding()),
      .binding(Signer(1_000_000).binding(at: UInt64(number + 1))),
      .relation(Signer(number).relation(to: Signer(number + 1))),
    ])
    if writer.flush() { write(log, [1], 1) }
    number += 1
  }
}

private func acknowledged(_ file: String) -> Int {
  FileManager.default.contents(atPath: file + ".log")?.count ?? 0
}
