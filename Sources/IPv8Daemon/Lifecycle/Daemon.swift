import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Directory
import IPv8Node
import IPv8Platform
import IPv8Store
import IPv8Streams
import IPv8Wire
import Logging

/// The daemon's life: set up with privileges, drop them, run, end in order.
public enum Daemon {
  /// Where ports are chosen from on the first start (RFC 6335 §6).
  static let dynamicPorts: ClosedRange<UInt16> = 49_152...65_535
  static let portAttempts = 16

  /// Runs until SIGTERM, SIGINT or a request to end.
  ///
  /// Call it on the main thread before any other exists: privileges are dropped on the way.
  public static func run(
    configuration: Configuration, state: StateDirectory, readiness: Readiness
  ) throws {
    TerminationSignal.block()
    let logger = makeLogger(configuration)
    let lock = try Grace.wait(while: { (error: ControlError) in error.code == .stateBusy }) {
      () throws(ControlError) in try state.takeLock()
    }
    let identity = try IdentityFile.loadOrCreate(state.identity)
    let (store, repair) = try Store.repairing(state.database)
    if let repair {
      logger.error(
        """
        database \(state.database): was damaged and is built anew from what could be read\
        \(repair.usedCopy ? " and from the last copy" : ""); the damaged file is \(repair.setAside)
        """)
      // The databases that were closed on the way have left threads, with which no privileges can be
      // dropped.
      readiness.restart()
    }
    let setUp = try SetUp(configuration, identity, store)
    try dropPrivileges(configuration, state, logger)
    try serve(
      setUp, identity: identity, store: store, configuration: configuration, state: state,
      readiness: readiness, logger: logger)
    store.keepCopy()
    withExtendedLifetime(lock) {}
  }

  private static func makeLogger(_ configuration: Configuration) -> Logger {
    var logger = Logger(label: "ipv8-tun") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = configuration.logLevel
    return logger
  }

  /// Gives the state to the unprivileged user and becomes it. Where that user does not exist, or
  /// this process is not root's, the user stays; the capabilities go in any case.
  private static func dropPrivileges(
    _ configuration: Configuration, _ state: StateDirectory, _ logger: Logger
  ) throws {
    var user: UserAccount?
    do throws(SystemError) {
      if let account = try UserAccount(named: configuration.user) {
        user = account
        try giveState(state, to: account)
      } else {
        logger.warning("user \(configuration.user) does not exist; staying with this one")
      }
    } catch { throw DaemonError.system("user \(configuration.user)", error) }
    try Observation.prepare(
      for: configuration.pathReaders, in: state, owner: Privileges.isRoot ? user : nil)
    do throws(PrivilegeError) {
      try Privileges.drop(to: user?.name, keeping: [.netAdmin])
    } catch { throw DaemonError.privileges(error) }
  }

  /// The identity stays with whoever made it: it was read, and the daemon needs it no more.
  private static func giveState(_ state: StateDirectory, to account: UserAccount)
    throws(SystemError)
  {
    guard Privileges.isRoot else { return }
    let database = state.database
    let paths =
      [database, state.records].flatMap { [$0, $0 + "-wal", $0 + "-shm"] }
      + [state.path, state.lock, state.log]
    for path in paths {
      do throws(FileError) {
        try File.setOwner(path, to: account)
      } catch {
        if case .system(let error) = error { throw error }
      }
    }
  }

  /// Opens the tables of records. The thread that owns them fills itself from there.
  private static func recordsStart(
    _ configuration: Configuration, _ identity: IdentityKey, _ store: Store,
    _ state: StateDirectory, _ journal: Journal
  ) throws(StoreError) -> RecordsStart {
    let records = try RecordStore(
      path: state.records, capacity: RecordCapacity(peers: configuration.recordCapacity))
    let writer = RecordWriter(records, own: OwnRecords(of: identity.permID, in: store)) {
      switch $0 {
      case .failed(let error): journal.warn(error.explanation)
      case .repaired(let repair): journal.warn(repair.text)
      }
    }
    var settings = DirectorySettings()
    settings.admission = try store.admission() ?? configuration.admit
    settings.trustThreshold = configuration.trustThreshold
    settings.friendHops = configuration.friendHops
    settings.recordCapacity = configuration.recordCapacity
    return RecordsStart(
      settings: settings, contacts: Set(try store.contacts().map(\.permID)),
      blocked: try store.blockedPeers(), own: try store.ownRelations(of: identity.permID),
      store: records, writer: writer)
  }

  private static func serve(
    _ setUp: SetUp, identity: IdentityKey, store: Store, configuration: Configuration,
    state: StateDirectory, readiness: Readiness, logger: Logger
  ) throws {
    let facts = setUp.facts
    let journal = Journal(logger: logger)
    let inbox: EngineInbox
    let records: RecordsInbox
    let interface: OverlayInterface
    do throws(SystemError) {
      inbox = try EngineInbox(limit: EngineInbox.commandLimit)
      records = try RecordsInbox(limit: RecordsInbox.messageLimit)
      interface = try OverlayInterface(
        facts.interfaceIndex, perContact: facts.routesPerContact)
    } catch { throw DaemonError.system("interface \(facts.interface)", error) }
    var engine = ThreadGroup()
    let start = try recordsStart(configuration, identity, store, state, journal)
    let streams = try setUp.startEngine(
      identity, store, configuration, inbox: inbox, records: (start, records), journal: journal,
      in: &engine)
    let backend = DaemonBackend(
      identity: identity, facts: facts, store: store,
      recordStore: start.store, interface: interface, inbox: inbox, records: records, logger: logger
    )
    let services = Services(
      backend: backend, store: store, journal: journal, socket: state.socket,
      observation: configuration.pathReaders == .root ? nil : state.observationSocket,
      logger: logger)
    services.start(readiness: readiness)
    TerminationSignal.wait()
    ServiceNotifier.stopping()
    inbox.post(.stop)
    engine.join()
    streams.stop()
    journal.finish()
    if let error = services.end() { throw error }
  }
}
