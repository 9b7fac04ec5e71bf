import FoundationEssentials

/// A client's wish to be told again and again of paths, by server-sent events (HTML §9.2).
struct PathSubscription: Sendable {
  /// The name of the parameter that sets it.
  static let intervalName = "intervalMilliseconds"
  static let intervalRange = 100...60_000
  static let defaultInterval = 1_000
  /// Between bytes of any kind: what is between client and server, and the client, know by them that
  /// the other end is there.
  static let silence = 15_000

  /// Between events.
  let milliseconds: Int
  /// JSON of the first event, which is read before anything is answered: so errors have a status.
  let first: Data
  let next: @Sendable () async throws(ControlError) -> Data

  init(
    milliseconds: Int, first: Data,
    next: @escaping @Sendable () async throws(ControlError) -> Data
  ) {
    self.milliseconds = milliseconds
    self.first = first
    self.next = next
  }

  /// - Parameter json: one line.
  static func event(_ name: String, _ json: Data) -> Data {
    Data("event: \(name)\ndata: ".utf8) + json + Data("\n\n".utf8)
  }

  static let comment = Data(":\n\n".utf8)
}

/// How many subscriptions a server serves at a time.
actor Subscribers {
  static let limit = 32

  private var count = 0

  nonisolated var refusal: ControlError { ControlError(.tooManySubscribers, "\(Self.limit)") }

  /// False where there is no room; else each call is followed by one of ``leave()``.
  func enter() -> Bool {
    guard count < Self.limit else { return false }
    count += 1
    return true
  }

  func leave() { count -= 1 }
}
