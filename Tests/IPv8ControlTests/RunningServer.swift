import Foundation
import IPv8Control
import Testing

/// A server on a socket in a directory of its own, while `body` runs.
func withServer(
  _ body: (ControlClient, FakeBackend, _ socket: String) async throws -> Void
) async throws {
  try await withTemporaryDirectory { directory in
    let socket = directory + "/control.sock"
    let backend = FakeBackend()
    let server = try ControlServer(path: socket, backend: backend)
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

func withTemporaryDirectory(_ body: (String) async throws -> Void) async throws {
  let path = NSTemporaryDirectory() + "ipv8-" + UUID().uuidString.prefix(8)
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
  defer { try? FileManager.default.removeItem(atPath: path) }
  try await body(path)
}
