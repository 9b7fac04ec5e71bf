import IPv8Crypto
import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A host that finds out what network it is in, and answers others.
final class ObserverAgent: NATAgent {
  private var observer: NetworkObserver
  private(set) var sockets: SocketTable
  private(set) var sent = 0
  private let network: LocalNetwork
  private var pending: [TraversalAction] = []
  private var isStarted = false
  private var wasTold = false

  static let gateway = IPv4Address(0xc0a8_0101)

  init(
    at address: IPAddress, seed: UInt64, port: UInt16 = 41_641,
    cache: LifetimeCache = LifetimeCache(), measuresLifetimes: Bool = false
  ) {
    sockets = SocketTable(address, main: port)
    var settings = NetworkObserver.Settings(port: port)
    settings.mapsPorts = false
    settings.measuresLifetimes = measuresLifetimes
    observer = NetworkObserver(settings, cache: cache, entropy: Entropy(seed: seed))
    network = LocalNetwork(
      endpoints: [sockets.main], endpoint4: sockets.main, gateway4: Self.gateway)
  }

  var view: NetworkView { observer.view }
  var counters: STUNCounters { observer.counters }
  var endpoint: Endpoint { sockets.main }
  var needsIdentity: Bool { observer.needsIdentity }

  func takeMeasured() -> LifetimeCache.Entry? { observer.takeMeasured() }

  /// Tells the observer something between its turns.
  func tell(_ body: (inout NetworkObserver, inout [TraversalAction]) -> Void) {
    body(&observer, &pending)
    wasTold = true
  }

  var nextDeadline: Timestamp {
    isStarted && !wasTold ? observer.nextDeadline : Timestamp(nanoseconds: 0)
  }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard let socket = sockets.socket(at: local) else { return [] }
    var actions: [TraversalAction] = []
    _ = observer.receive(bytes, from: source, on: socket, at: now, into: &actions)
    return carryOut(actions, now)
  }

  func advance(to now: Timestamp) -> [NATDatagram] {
    var actions = pending
    pending = []
    wasTold = false
    if !isStarted {
      isStarted = true
      observer.setNetwork(network, at: now, into: &actions)
    }
    observer.advance(to: Self.moment(now), into: &actions)
    return carryOut(actions, now)
  }

  static func moment(_ now: Timestamp) -> Moment {
    Moment(boot: now, wall: WallTime(milliseconds: 1_000_000_000 + now.milliseconds))
  }

  private func carryOut(_ actions: [TraversalAction], _ now: Timestamp) -> [NATDatagram] {
    var (datagrams, opened) = sockets.carryOut(actions)
    while !opened.isEmpty {
      var more: [TraversalAction] = []
      for (socket, endpoint) in opened {
        observer.opened(socket, at: endpoint, now: now, into: &more)
      }
      let next = sockets.carryOut(more)
      datagrams += next.datagrams
      opened = next.opened
    }
    sent += datagrams.count
    return datagrams
  }
}
