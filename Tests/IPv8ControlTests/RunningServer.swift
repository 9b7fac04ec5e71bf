import Foundation
import IPv8Control
import Testing

/// A server on a socket in a directory of its own, while `body` runs.
func withServer(
  access: ControlAccess = .command,
  _ body: (ControlClient, FakeBackend, _ socket: String) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let socket = directory + "/control.sock"
    let backend = FakeBackend()
    let server = try ControlServer(path: socket, access: access, backend: backend)
    let (listening, told) = AsyncStream.makeStream(of: Void.self)
    let running = Task {
      defer { told.finish() }
      try await server.run { told.yield() }
    }
    for await _ in listening { break }
    do {
      try await body(try ControlClient(path: socket), backend, socket)
    } catch {
      await server.stop()
      throw error
    }
    await server.stop()
    try await running.value
  }
}

func withTemporaryDirectory<T>(_ body: (String) async throws -> T) async throws -> T {
  let path = NSTemporaryDirectory() + "ipv8-" + UUID().uuidString.prefix(8)
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await body(path)
}

struct TookTooLong: Error {}

func eventually(within limit: Duration = .seconds(20), _ condition: () -> Bool) async throws {
  let deadline = ContinuousClock.now + limit
  while !condition() {
    guard ContinuousClock.now < deadline else { throw TookTooLong() }
    try await Task.sleep(for: .milliseconds(1))
  }
}
