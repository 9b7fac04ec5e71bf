import Dispatch
import IPv8Records
import IPv8Wire
import Synchronization

/// Writes changes of the records in batches, off every path that packets take.
///
/// A batch is one transaction: 1,000 changes, or what came within 200 ms. Of two changes of one row
/// that wait, the later one counts. Where 65,536 rows wait, changes of further rows are refused: the
/// tables in memory have them, peers have them, and after a restart they come back. What a failed batch
/// held is tried again.
public final class RecordWriter: Sendable {
  /// Changes that make a batch without further waiting.
  static let batch = 1_000
  /// Changes of one transaction.
  static let batchLimit = 8_192
  /// Rows with changes that wait.
  static let rowLimit = 65_536
  static let delay = DispatchTimeInterval.milliseconds(200)
  static let retryDelay = DispatchTimeInterval.seconds(5)

  private let store: RecordStore
  private let own: OwnRecords?
  private let report: @Sendable (Event) -> Void
  private let queue = DispatchQueue(label: "records-writer")
  private let waiting = Mutex(WaitingChanges())

  /// - Parameters:
  ///   - own: where what this machine signed is kept too.
  ///   - report: called from a thread of the writer for what a person should know.
  public init(
    _ store: RecordStore, own: OwnRecords? = nil,
    report: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    self.store = store
    self.own = own
    self.report = report
  }

  public enum Event: Sendable, Equatable {
    /// A batch could not be written; it is tried again.
    case failed(StoreError)
    /// The store was damaged and is built anew.
    case repaired(RecordRepair)
  }

  /// Looks at the store's pages where that is due, and repairs what is damaged; meanwhile changes wait.
  /// To be called once all records are loaded.
  public func beginMending() { queue.async { _ = self.mend() } }

  /// Takes `changes` to be written soon; returns how many were refused.
  @discardableResult
  public func submit(_ changes: [RecordChange]) -> Int {
    let (refused, wakes) = waiting.withLock { waiting in
      let before = waiting.count
      let refused = waiting.add(changes, limit: Self.rowLimit)
      waiting.refused += UInt64(refused)
      let isFull = before < Self.batch && waiting.count >= Self.batch
      return (refused, (soon: before == 0 && waiting.count > 0, now: isFull))
    }
    if wakes.now {
      queue.async { self.writeAll() }
    } else if wakes.soon {
      queue.asyncAfter(deadline: .now() + Self.delay) { self.writeAll() }
    }
    return refused
  }

  /// Changes that were refused so far, because too many waited.
  public var refused: UInt64 { waiting.withLock { $0.refused } }

  /// Rows with changes that wait.
  public var backlog: Int { waiting.withLock { $0.count } }

  /// Returns when all that was submitted before is written: whoever is told so then finds it after
  /// any end of the process. False where some of it could not be written.
  @discardableResult
  public func flush() -> Bool { queue.sync { writeAll() } }

  /// On the queue.
  @discardableResult
  private func writeAll() -> Bool {
    while true {
      let batch = waiting.withLock { $0.take(Self.batchLimit) }
      guard !batch.isEmpty else { return true }
      do throws(StoreError) {
        try own?.apply(batch)
        try store.apply(batch)
      } catch {
        waiting.withLock { $0.restore(batch) }
        if case .corrupt = error, mend() { continue }
        report(.failed(error))
        queue.asyncAfter(deadline: .now() + Self.retryDelay) { self.writeAll() }
        return false
      }
    }
  }

  /// Whether the store was built anew.
  private func mend() -> Bool {
    do throws(StoreError) {
      guard let repair = try store.mend() else { return false }
      report(.repaired(repair))
      return true
    } catch {
      report(.failed(error))
      return false
    }
  }
}
