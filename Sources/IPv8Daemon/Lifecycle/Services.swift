import IPv8Control
import IPv8Node
import IPv8Platform
import IPv8Records
import IPv8Store
import IPv8Wire
import Logging
import Synchronization

/// The daemon's asynchronous side: the control API, the journal's entries, names to be resolved.
final class Services: Sendable {
  private let backend: DaemonBackend
  private let store: Store
  private let journal: Journal
  private let server: Mutex<Task<Void, Never>?> = Mutex(nil)
  private let observer: Mutex<Task<Void, Never>?> = Mutex(nil)
  private let recorder: Mutex<Task<Void, Never>?> = Mutex(nil)
  private let failure: Mutex<ControlError?> = Mutex(nil)
  private let socket: String
  /// The socket of those who may read the quality of paths alone; nil for none.
  private let observation: String?
  private let logger: Logger

  init(
    backend: DaemonBackend, store: Store, journal: Journal, socket: String,
    observation: String?, logger: Logger
  ) {
    self.backend = backend
    self.store = store
    self.journal = journal
    self.socket = socket
    self.observation = observation
    self.logger = logger
  }

  /// Starts everything; `readiness` is told when commands are answered and contacts are known.
  func start(readiness: Readiness) {
    let recording = Task { await self.record() }
    recorder.withLock { $0 = recording }
    let serving = Task { await self.serve(readiness) }
    server.withLock { $0 = serving }
  }

  /// Ends everything, the last entries written. Returns why the control API failed, if it did.
  func end() -> ControlError? {
    let servers = [server.withLock { $0 }, observer.withLock { $0 }]
    for server in servers { server?.cancel() }
    let tasks = servers + [recorder.withLock { $0 }]
    let ended = Waiter()
    Task {
      for task in tasks { await task?.value }
      ended.signal()
    }
    ended.wait()
    return failure.withLock { $0 }
  }

  private func serve(_ readiness: Readiness) async {
    do throws(ControlError) {
      try await backend.loadContacts()
      if let observation { await observe(at: observation) }
      let server = try ControlServer(path: socket, backend: backend)
      try await server.run {
        readiness.ready()
        ResidentMemory.releaseCode()
      }
    } catch {
      _ = readiness.failed(error)
      fail(error)
    }
  }

  /// Returns when readers of paths can connect to `socket`, or when that failed.
  private func observe(at socket: String) async {
    let (listening, told) = AsyncStream.makeStream(of: Never.self)
    let serving = Task {
      defer { told.finish() }
      do throws(ControlError) {
        let server = try ControlServer(path: socket, access: .observe, backend: backend)
        try await server.run { told.finish() }
      } catch { self.fail(error) }
    }
    observer.withLock { $0 = serving }
    for await _ in listening {}
  }

  private func fail(_ error: ControlError) {
    failure.withLock { $0 = error }
    TerminationSignal.raise()
  }

  /// Writes the engine's facts into the store. What cannot be written is logged; the engine goes on.
  private func record() async {
    for await entry in journal.entries {
      switch entry {
      case .note(let note):
        do throws(StoreError) {
          try store.keep(note, now: SystemClock.wallTime())
          await backend.learned(note)
        } catch { logger.error("\(error.explanation)") }
      case .lifetimes(let entry):
        do throws(StoreError) {
          try store.putNetwork(StoredNetwork(entry))
        } catch { logger.error("\(error.explanation)") }
      case .failed(let reason):
        fail(ControlError(.internalError, reason))
      }
    }
  }
}

extension Store {
  /// Writes one fact of the engine down.
  func keep(_ note: StoreNote, now: WallTime) throws(StoreError) {
    switch note {
    case .handshakeTime(let permID, let time):
      try setHandshakeTime(permID, to: time.milliseconds)
    case .opened(let permID, let endpoint, let time):
      try noteOpen(permID, from: endpoint, now: time)
    case .binding(let binding): try putBinding(StoredBinding(binding))
    }
  }
}

extension StoredBinding {
  init(_ signed: SignedBinding) {
    let record = signed.record
    var ipv4: IPv4Address?
    if case .v4(let address) = record.endpoint4?.address { ipv4 = address }
    var ipv6: IPv6Address?
    if case .v6(let address) = record.endpoint6?.address { ipv6 = address }
    self.init(
      permID: record.permID, ipv4: ipv4, port: record.endpoint4?.port ?? 0, ipv6: ipv6,
      port6: record.endpoint6?.port ?? 0, timestamp: record.timestamp,
      certificate: signed.certificate)
  }
}
