import IPv8Wire
import Testing

@testable import IPv8Store

@Suite struct NetworkTests {
  let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private static func network(_ number: Int, alive: Int64 = 60) -> StoredNetwork {
    StoredNetwork(
      identity: [UInt8(number), 1, 2], measured: WallTime(milliseconds: UInt64(number)),
      unreplied: nil, established: StoredNetwork.Bounds(alive: alive, dead: nil), absolute: 600)
  }

  @Test("a network is kept as it was measured last, across a restart")
  func kept() throws {
    do {
      let store = try Store(path: directory.database)
      try store.putNetwork(Self.network(1, alive: 25))
      try store.putNetwork(Self.network(1))
    }
    let store = try Store(path: directory.database)
    #expect(try store.networks() == [Self.network(1)])
  }

  @Test("beyond the limit the networks measured longest ago go")
  func limit() throws {
    let store = try Store(path: directory.database)
    for number in 0..<(Store.networkLimit + 10) { try store.putNetwork(Self.network(number)) }
    let kept = try store.networks()
    #expect(kept == (10..<(Store.networkLimit + 10)).map { Self.network($0) })
  }
}
