import IPv8DataPlane
import IPv8Node
import IPv8Wire
import Synchronization

/// What the rest of the daemon asks of the engine's thread.
enum EngineCommand: Sendable {
  /// Add a contact or change what is known of it.
  case setContact(Contact, alias: IPv4Address?)
  case removeContact(PermID)
  /// New addresses for the names that the user told.
  case setTold(PermID, [Endpoint])
  case status(Reply<EngineStatus>)
  case ping(PermID, deadline: Timestamp, Reply<EnginePong?>)
  case stop
}

/// One answer from the engine's thread to an asynchronous caller.
struct Reply<Value: Sendable>: Sendable {
  let send: @Sendable (Value) -> Void
}

/// The engine at one moment.
struct EngineStatus: Sendable {
  struct Peer: Sendable {
    var state: PeerState
    var path: LanePeerReport
  }

  var now: Timestamp
  var udpGSO: Bool
  var udpGRO: Bool
  var tunOffload: [String]
  var counters: [(name: String, value: UInt64)]
  var peers: [PermID: Peer]
}

/// The return of one echo.
struct EnginePong: Sendable {
  var roundTrip: Interval
  var endpoint: Endpoint
}
