import Dispatch
import Foundation
import IPv8Records
import IPv8Wire
import Synchronization

/// Verifies many records at once, on all processors.
///
/// Ed25519 verification is what a record costs; it needs no state, so that it is spread over threads
/// in short runs.
public struct RecordVerifier: Sendable {
  /// Records that a thread takes at a time.
  private static let run = 16

  public static var processors: Int { ProcessInfo.processInfo.activeProcessorCount }

  /// Threads that work at once.
  private let workers: Int

  public init(workers: Int = processors) {
    self.workers = max(workers, 1)
  }

  /// Checks each of `records` (body ‖ signature), in their order.
  public func bindings(
    _ records: [[UInt8]], at now: WallTime
  ) -> [Result<SignedBinding, SignedBinding.Refusal>] {
    map(records) { bytes in
      do throws(SignedBinding.Refusal) {
        return .success(try SignedBinding(verifying: bytes, at: now))
      } catch { return .failure(error) }
    }
  }

  /// Checks each of `records` (body ‖ signatures), in their order.
  public func relations(
    _ records: [[UInt8]], at now: WallTime
  ) -> [Result<SignedRelation, SignedRelation.Refusal>] {
    map(records) { bytes in
      do throws(SignedRelation.Refusal) {
        return .success(try SignedRelation(verifying: bytes, at: now))
      } catch { return .failure(error) }
    }
  }

  /// Checks each of `proofs`, in their order; nil where it is none.
  public func contradictions(_ proofs: [[UInt8]]) -> [Contradiction?] {
    map(proofs) { Contradiction(verifying: $0) }
  }

  /// `transform` of each of `items`, in their order; by several threads where there are many.
  func map<Item: Sendable, Outcome: Sendable>(
    _ items: [Item], _ transform: @Sendable (Item) -> Outcome
  ) -> [Outcome] {
    let runs = (items.count + Self.run - 1) / Self.run
    guard workers > 1, runs > 1 else { return items.map(transform) }
    let next = Atomic(0)
    let outcomes = Mutex([[Outcome]](repeating: [], count: runs))
    DispatchQueue.concurrentPerform(iterations: min(workers, runs)) { _ in
      while true {
        let run = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard run < runs else { return }
        let range = run * Self.run..<min((run + 1) * Self.run, items.count)
        let done = items[range].map(transform)
        outcomes.withLock { $0[run] = done }
      }
    }
    return outcomes.withLock { Array($0.joined()) }
  }
}
