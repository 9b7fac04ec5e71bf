import IPv8Wire
import Synchronization

/// The streams as threads see them that must not wait: what they leave here is taken by the streams'
/// own thread.
public final class StreamPort: Sendable {
  /// Bytes that wait for that thread; more are dropped.
  static let byteLimit = 1 << 20

  private struct Contents {
    var waiting: [(number: UInt32, datagram: [UInt8])] = []
    var byteCount = 0
    var counts = StreamCounts()
    /// Wakes the thread; nil while there is none, and so no stream.
    var wake: (@Sendable () -> Void)?
  }

  private let contents = Mutex(Contents())

  public init() {}

  /// Leaves a datagram for stream `number`. False where it is dropped.
  @discardableResult
  public func send(_ datagram: [UInt8], on number: UInt32) -> Bool {
    let (accepted, wake) = contents.withLock { contents -> (Bool, (@Sendable () -> Void)?) in
      guard let wake = contents.wake, contents.byteCount + datagram.count <= Self.byteLimit else {
        contents.counts.dropped += 1
        return (false, nil)
      }
      contents.waiting.append((number, datagram))
      contents.byteCount += datagram.count
      return (true, contents.waiting.count == 1 ? wake : nil)
    }
    wake?()
    return accepted
  }

  /// What the streams have carried so far.
  public var counts: StreamCounts { contents.withLock { $0.counts } }

  func take() -> [(number: UInt32, datagram: [UInt8])] {
    contents.withLock { contents in
      defer { (contents.waiting, contents.byteCount) = ([], 0) }
      return contents.waiting
    }
  }

  func setWake(_ wake: (@Sendable () -> Void)?) { contents.withLock { $0.wake = wake } }

  func count(_ change: (inout StreamCounts) -> Void) {
    contents.withLock { change(&$0.counts) }
  }
}

/// Monotonic, but for `open`.
public struct StreamCounts: Sendable, Equatable {
  public var open = 0
  public var sent: UInt64 = 0
  public var received: UInt64 = 0
  /// Datagrams for streams that were full or gone.
  public var dropped: UInt64 = 0
  /// Connections beyond a limit.
  public var refused: UInt64 = 0
}
