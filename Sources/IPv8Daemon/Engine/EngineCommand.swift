import IPv8DataPlane
import IPv8Node
import IPv8Wire

/// What the rest of the daemon asks of the engine.
enum EngineCommand: Sendable {
  /// Add a contact or change what is known of it.
  case setContact(Contact, alias: IPv4Address?)
  case removeContact(PermID)
  /// New addresses for the names that the user told.
  case setTold(PermID, [Endpoint])
  case status(Reply<EngineStatus>)
  case ping(PermID, deadline: Timestamp, Reply<EnginePong?>)
  /// Why the path to a contact is what it is; nil where it is none.
  case story(PermID, Reply<PathStory?>)
  /// Say what class a flow or a peer has; nil takes that back. False where too many have one.
  case declare(TrafficClass?, ClassBook.Subject, until: Timestamp, Reply<Bool>)
  case classes(Reply<[ClassBook.Entry]>)
  /// The addresses of the configured STUN servers.
  case setServers([Endpoint])
  /// What the resolver makes of a name that has IPv4 addresses alone; nil where it does not answer.
  case nat64([IPv6Address]?)
  /// Check the network, and ask these servers, too.
  case netcheck(Netcheck, [HostPort])
  /// What the tables of records say.
  case records(RecordsNews)
  /// Begin the check that a `netcheck` waits for.
  case check
  case stop
}

/// One answer from the engine's threads to an asynchronous caller.
struct Reply<Value: Sendable>: Sendable {
  let send: @Sendable (Value) -> Void
}

/// The engine at one moment.
struct EngineStatus: Sendable {
  struct Peer: Sendable {
    let index: PeerIndex
    var state: PeerState
    /// What it is to this host.
    var kind = PeerClass.added
    var path = LanePeerReport()
  }

  let now: Timestamp
  var lanes = 1
  var udpGSO = true
  var udpGRO = true
  var tunOffload: [String] = []
  private(set) var counters: [(name: String, value: UInt64)] = []
  var peers: [PermID: Peer] = [:]

  init(now: Timestamp) { self.now = now }

  /// Adds what one thread has counted to what others have under the same names.
  mutating func count(_ more: [(name: String, value: UInt64)]) {
    for counter in more {
      if let place = counters.firstIndex(where: { $0.name == counter.name }) {
        counters[place].value += counter.value
      } else {
        counters.append(counter)
      }
    }
  }
}

/// The return of one echo.
struct EnginePong: Sendable {
  var roundTrip: Interval
  var endpoint: Endpoint
}
