import NIOCore
import NIOPosix

/// What the clients of a socket may do.
public enum ControlAccess: Sendable {
  case command
  /// Nothing but to read the quality of paths.
  case observe
}

/// Serves the control API on a Unix socket. Who may enter its directory may observe; command is
/// for the owner and the group alone (mode 0660).
public struct ControlServer: Sendable {
  /// Connections that are served at a time; further ones wait.
  static let connectionLimit = 64

  private typealias Connections = NIOAsyncChannelInboundStream<ControlConnection>

  private let socket: ControlSocket
  private let router: ControlRouter
  private let subscribers = Subscribers()
  private let end: AsyncStream<Void>
  private let ending: AsyncStream<Void>.Continuation

  /// - Parameter path: where the socket will be; a stale one there is replaced. Two servers are
  ///   kept apart by the state directory's lock, not here.
  public init(
    path: String, access: ControlAccess = .command, backend: any ControlBackend
  ) throws(ControlError) {
    socket = try ControlSocket(path: path, mode: access == .command ? 0o660 : 0o666)
    router = ControlRouter(backend: backend, access: access)
    (end, ending) = AsyncStream.makeStream()
  }

  /// Serves until the task is cancelled or ``stop()`` is called; requests under way then have a
  /// second to be answered. To be called once.
  ///
  /// It starts a thread of its own: a process that gives up privileges does that before.
  ///
  /// - Parameter whenListening: called once, when a client can connect.
  public func run(
    whenListening: @Sendable () async -> Void
  ) async throws(ControlError) {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { group.shutdownGracefully { _ in } }
    defer { socket.remove() }
    do {
      try socket.prepare()
      let listener = try await ServerBootstrap(group: group)
        .bind(unixDomainSocketPath: socket.temporaryPath) { [router, subscribers] channel in
          channel.eventLoop.makeCompletedFuture {
            try ControlConnection(channel, router, subscribers)
          }
        }
      try await listener.executeThenClose { connections in
        try socket.publish()
        try await serve(connections, whenListening)
      }
    } catch let error as ControlError {
      throw error
    } catch {
      throw ControlError(.storage, "socket \(socket.path): \(error)")
    }
  }

  /// Ends ``run(whenListening:)``.
  public func stop() async { ending.finish() }

  private func serve(
    _ connections: Connections, _ whenListening: @Sendable () async -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        defer { ending.finish() }
        try await accept(connections)
      }
      await whenListening()
      for await _ in end {}
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  private func accept(_ connections: Connections) async throws {
    do {
      try await withThrowingTaskGroup(of: Void.self) { group in
        var count = 0
        for try await connection in connections {
          if count < Self.connectionLimit { count += 1 } else { try await group.next() }
          group.addTask { await connection.serve() }
        }
      }
    } catch is CancellationError {
      // The server's end.
    }
  }
}
