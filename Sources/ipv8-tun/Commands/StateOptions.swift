import ArgumentParser
import IPv8Control
import IPv8Daemon

/// Which instance a command is about.
struct StateOptions: ParsableArguments {
  @Option(
    name: .customLong("state"),
    help: ArgumentHelp("Directory of the identity, the database and the socket.", valueName: "dir"))
  var path = StateDirectory.standard

  var directory: StateDirectory { StateDirectory(path) }

  /// The daemon, which has to run.
  func daemon() throws(ControlError) -> ControlClient {
    try ControlClient(path: directory.socket)
  }

  /// What `body` gets from the daemon by either socket: the one for readers of paths where this user
  /// may not command it.
  func observing<T: Sendable>(
    _ body: @escaping @Sendable (ControlClient) async throws(ControlError) -> T
  ) throws(ControlError) -> T {
    let daemon = try daemon()
    do {
      return try Waiting.run { () async throws(ControlError) in try await body(daemon) }
    } catch {
      guard error.code == .permissionDenied else { throw error }
      let observer = try ControlClient(path: directory.observationSocket)
      do {
        return try Waiting.run { () async throws(ControlError) in try await body(observer) }
      } catch let second {
        // Without such a socket, what is missing is the permission.
        throw second.code == .notRunning ? error : second
      }
    }
  }

  /// Whoever answers: the daemon, or where none runs the state directory.
  func backend(creating: Bool = false) throws(ControlError) -> any ControlBackend {
    let daemon = try daemon()
    do {
      _ = try Waiting.run { () async throws(ControlError) in try await daemon.version() }
      return daemon
    } catch {
      guard error.code == .notRunning else { throw error }
    }
    if creating { try directory.create() }
    return try OfflineBackend(directory)
  }

  /// What `body` gets from the daemon, or where none runs from the state directory.
  func answer<T: Sendable>(
    creating: Bool = false,
    _ body: @escaping @Sendable (any ControlBackend) async throws(ControlError) -> T
  ) throws(ControlError) -> T {
    let daemon = try daemon()
    do {
      return try Waiting.run { () async throws(ControlError) in try await body(daemon) }
    } catch {
      guard error.code == .notRunning else { throw error }
    }
    if creating { try directory.create() }
    let offline = try OfflineBackend(directory)
    return try Waiting.run { () async throws(ControlError) in try await body(offline) }
  }
}

/// Whether facts are printed as JSON.
struct OutputOptions: ParsableArguments {
  @Flag(help: "Print JSON.")
  var json = false
}
