import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// The sockets of a simulated host: carries out what a machine asks for.
struct SocketTable {
  let address: IPAddress
  private(set) var endpoints: [LocalSocket: Endpoint] = [:]
  private(set) var mostOpen = 0
  private(set) var sent = 0
  private var nextPort: UInt16

  init(_ address: IPAddress, main: UInt16 = 41_641) {
    self.address = address
    nextPort = main &+ 3_001
    endpoints[.main] = Endpoint(address, port: main)
  }

  var main: Endpoint { endpoints[.main] ?? Endpoint(address, port: 0) }

  func socket(at endpoint: Endpoint) -> LocalSocket? {
    endpoints.first { $0.value == endpoint }?.key
  }

  /// The datagrams to send, and the sockets that were opened.
  mutating func carryOut(
    _ actions: [TraversalAction]
  ) -> (datagrams: [NATDatagram], opened: [(LocalSocket, Endpoint)]) {
    var datagrams: [NATDatagram] = []
    var opened: [(LocalSocket, Endpoint)] = []
    for action in actions {
      switch action {
      case .open(let socket, _):
        // The kernel's choice has no pattern.
        nextPort = 32_768 + UInt16((Int(nextPort) * 7_919 + 13) % 28_000)
        let endpoint = Endpoint(address, port: nextPort)
        endpoints[socket] = endpoint
        opened.append((socket, endpoint))
      case .close(let socket): endpoints[socket] = nil
      case .exchange: break
      case .send(let bytes, let to, let socket):
        guard let source = endpoints[socket] else { continue }
        sent += 1
        datagrams.append(NATDatagram(bytes, from: source, to: to))
      }
    }
    mostOpen = max(mostOpen, endpoints.count)
    return (datagrams, opened)
  }
}
