import Foundation
import IPv8Control
import IPv8Crypto
import IPv8Platform
import IPv8Store
import IPv8Wire
import Synchronization

/// Answers from the state directory while no daemon runs: who this is, and the address book.
public final class OfflineBackend: ControlBackend {
  let state: StateDirectory
  private let lock: LockFile
  private let records = Mutex<RecordStore?>(nil)

  /// Takes the state directory's lock, which is let go with this object.
  public init(_ state: StateDirectory) throws(ControlError) {
    self.state = state
    lock = try state.takeLock()
  }

  deinit { try? records.withLock { $0 }?.close() }

  /// The records of others, opened once.
  func recordStore() throws(StoreError) -> RecordStore {
    try records.withLock { records throws(StoreError) in
      if let records { return records }
      // Room is made by the daemon, which knows whom it trusts.
      let store = try RecordStore(path: state.records, capacity: RecordCapacity(peers: .max))
      records = store
      return store
    }
  }

  public func version() async throws(ControlError) -> VersionReport {
    VersionReport(version: ProductVersion.current)
  }

  public func identity() async throws(ControlError) -> IdentityReport {
    guard let permID = try ownPermID() else {
      throw ControlError(.identityMissing, state.identity)
    }
    let name = try reading { store throws(StoreError) in try store.setting(.name) } ?? nil
    return IdentityReport(
      permID: "\(permID)", address6: "\(OverlayAddress(of: permID))", name: name ?? "")
  }

  public func peers() async throws(ControlError) -> [PeerReport] {
    let reports = try reading { store throws(StoreError) in
      var reports: [PeerReport] = []
      for contact in try store.contacts() {
        reports.append(PeerReport(contact, binding: try store.binding(of: contact.permID)))
      }
      return reports
    }
    return reports ?? []
  }

  public func addPeer(
    _ permID: PermID, _ addition: PeerAddition
  ) async throws(ControlError) -> PeerReport {
    let own = try ownPermID()
    let store = try openStore()
    let contact = try store.apply(addition, to: permID, own: own, now: SystemClock.wallTime())
    do throws(StoreError) {
      return PeerReport(contact, binding: try store.binding(of: permID))
    } catch { throw ControlError(error) }
  }

  public func removePeer(_ selector: PeerSelector) async throws(ControlError) {
    let contacts = try reading { store throws(StoreError) in try store.contacts() } ?? []
    let peer = try selector.resolve(among: contacts.map { SelectablePeer($0) })
    _ = try reading { store throws(StoreError) in try store.removeContact(peer.permID) }
  }

  public func status() async throws(ControlError) -> StatusReport { throw notRunning }
  public func ping(_ request: PingRequest) async throws(ControlError) -> PingReport {
    throw notRunning
  }
  public func why(_ selector: PeerSelector) async throws(ControlError) -> WhyReport {
    throw notRunning
  }
  public func paths() async throws(ControlError) -> [PathQualityReport] { throw notRunning }
  public func path(_ query: PathQuery) async throws(ControlError) -> PathQualityReport {
    throw notRunning
  }
  public func classes() async throws(ControlError) -> [ClassReport] { throw notRunning }
  public func setClass(
    of subject: PathQuery, _ wish: ClassWish
  ) async throws(ControlError) -> ClassReport {
    throw notRunning
  }
  public func removeClass(of subject: PathQuery) async throws(ControlError) { throw notRunning }
  public func netcheck(
    _ request: NetcheckRequest
  ) async throws(ControlError) -> NetcheckReport {
    throw notRunning
  }
  public func down() async throws(ControlError) { throw notRunning }

  var notRunning: ControlError { ControlError(.notRunning, state.socket) }

  /// Nil while there is none.
  private func ownPermID() throws(ControlError) -> PermID? {
    do throws(IdentityError) {
      return try IdentityFile.load(state.identity).permID
    } catch {
      if case .missing = error { return nil }
      throw ControlError(error)
    }
  }

  func openStore() throws(ControlError) -> Store {
    do throws(StoreError) { return try Store(path: state.database) } catch {
      throw ControlError(error)
    }
  }

  /// Nil where there is no database yet, which a question does not make.
  func reading<T>(
    _ body: (Store) throws(StoreError) -> T
  ) throws(ControlError) -> T? {
    guard FileManager.default.fileExists(atPath: state.database) else { return nil }
    let store = try openStore()
    do throws(StoreError) { return try body(store) } catch { throw ControlError(error) }
  }
}

extension ControlError {
  init(_ error: IdentityError) {
    switch error {
    case .missing(let path): self.init(.identityMissing, path)
    case .unreadable(let path, .notPermitted): self.init(.permissionDenied, path)
    case .unwritable(let path, .noSpace): self.init(.diskFull, path)
    default: self.init(.storage, error.explanation)
    }
  }
}
