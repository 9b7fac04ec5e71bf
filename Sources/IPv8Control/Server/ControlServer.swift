import FlyingFox
import FlyingSocks
import Foundation

/// Serves the control API on a Unix socket, mode 0660.
public struct ControlServer: Sendable {
  /// Seconds for one request: the longest ping, and some.
  static let requestSeconds = 65.0

  private let socket: ControlSocket
  private let server: HTTPServer

  /// - Parameter path: where the socket will be; a stale one there is replaced. Two servers are
  ///   kept apart by the state directory's lock, not here.
  public init(path: String, backend: any ControlBackend) throws(ControlError) {
    socket = try ControlSocket(path: path)
    server = HTTPServer(
      config: HTTPServer.Configuration(
        address: .unix(path: socket.temporaryPath), timeout: Self.requestSeconds,
        sharedRequestReplaySize: ControlRouter.bodyLimit, logger: .disabled),
      handler: ControlRouter(backend: backend))
  }

  /// Serves until the task is cancelled or ``stop()`` is called.
  ///
  /// - Parameter whenListening: called once, when a client can connect.
  public func run(
    whenListening: @Sendable () async -> Void
  ) async throws(ControlError) {
    try socket.prepare()
    let server = server
    let serving = Task { try await server.run() }
    defer { socket.remove() }
    do {
      try await withTaskCancellationHandler {
        try await server.waitUntilListening()
        try socket.publish()
        await whenListening()
        try await serving.value
      } onCancel: {
        serving.cancel()
      }
    } catch let error as ControlError {
      serving.cancel()
      throw error
    } catch {
      serving.cancel()
      if Task.isCancelled || error is CancellationError { return }
      guard case SocketError.disconnected = error else {
        throw ControlError(.storage, "socket \(socket.path): \(error.localizedDescription)")
      }
    }
  }

  /// Ends ``run(whenListening:)``; requests under way have a second to be answered.
  public func stop() async { await server.stop(timeout: 1) }
}
