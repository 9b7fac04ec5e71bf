import IPv8Crypto
import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A host that runs one NAT check.
final class CheckAgent: NATAgent {
  private var check: NATCheck
  private(set) var sockets: SocketTable
  private(set) var orders: [ProbeOrder] = []
  private var isStarted = false

  init(at address: IPAddress, reporters: [Reporter], seed: UInt64) {
    sockets = SocketTable(address)
    check = NATCheck(
      local: sockets.main, reporters: reporters, firstSocket: 1, entropy: Entropy(seed: seed))
  }

  var isDone: Bool { check.isDone }
  var report: NetworkReport { check.report }
  var nextDeadline: Timestamp {
    isStarted ? check.nextDeadline : Timestamp(nanoseconds: 0)
  }

  func note(_ observed: Endpoint, by peer: Endpoint) { check.note(observed, by: peer) }
  func confirm(_ order: ProbeOrder) { check.confirm(order) }

  func takeOrders() -> [ProbeOrder] {
    defer { orders = [] }
    return orders
  }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard let socket = sockets.socket(at: local) else { return [] }
    var actions: [TraversalAction] = []
    if case .opening = DatagramKind(bytes.rawSpan) {
      check.probeArrived(from: source, on: socket)
    } else {
      _ = check.receive(bytes.rawSpan, from: source, on: socket, at: now, into: &actions)
    }
    return carryOut(actions, now)
  }

  func advance(to now: Timestamp) -> [NATDatagram] {
    var actions: [TraversalAction] = []
    if isStarted {
      check.advance(to: now, into: &actions)
    } else {
      isStarted = true
      check.start(at: now, into: &actions)
    }
    return carryOut(actions, now)
  }

  private func carryOut(_ actions: [TraversalAction], _ now: Timestamp) -> [NATDatagram] {
    var (datagrams, opened) = sockets.carryOut(actions)
    while !opened.isEmpty {
      var more: [TraversalAction] = []
      for (socket, endpoint) in opened {
        check.opened(socket, at: endpoint, now: now, into: &more)
      }
      let next = sockets.carryOut(more)
      datagrams += next.datagrams
      opened = next.opened
    }
    orders += check.takeOrders()
    return datagrams
  }
}
