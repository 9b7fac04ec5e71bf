import Foundation
import GRDB
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct KillTests {
  @Test("after kill -9 at any moment the database is sound and has every acknowledged write")
  func kill() async throws {
    for round in 0..<8 {
      let directory = try TemporaryDirectory()
      let database = directory.database
      let milliseconds = 5 + round * round * 4
      await #expect(processExitsWith: .signal(SIGKILL)) {
        [database = database as String, milliseconds = milliseconds as Int] in
        try writeUntilKilled(database, after: milliseconds)
      }
      let store = try Store(path: database)
      let sound = try store.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
      #expect(sound == "ok")
      let acknowledged = acknowledgedCount(database)
      let stored = Int(try store.setting(.port) ?? "0") ?? 0
      #expect(stored == acknowledged || stored == acknowledged + 1)
      let peer = try SamplePeer(1)
      #expect(try Int(store.binding(of: peer.permID)?.timestamp.milliseconds ?? 0) >= acknowledged)
    }
  }
}

/// Writes 1, 2, … and appends one byte to a file after each return, until a thread kills the
/// process `milliseconds` after the first.
private func writeUntilKilled(_ database: String, after milliseconds: Int) throws {
  let store = try Store(path: database)
  let peer = try SamplePeer(1)
  try store.add(peer)
  let log = open(database + ".log", O_CREAT | O_WRONLY | O_APPEND, 0o600)
  let killer = Thread {
    usleep(UInt32(milliseconds) * 1_000)
    Glibc.kill(getpid(), SIGKILL)
  }
  killer.start()
  var number = 0
  while true {
    number += 1
    try store.putBinding(binding(peer, port: 1, at: UInt64(number), signed: true))
    try store.setSetting(.port, to: "\(number)")
    write(log, [1], 1)
  }
}

private func acknowledgedCount(_ database: String) -> Int {
  FileManager.default.contents(atPath: database + ".log")?.count ?? 0
}
