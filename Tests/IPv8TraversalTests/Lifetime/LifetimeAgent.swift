import IPv8Crypto
import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A host that measures lifetimes.
final class LifetimeAgent: NATAgent {
  private var measurement: MappingLifetime
  private(set) var sockets: SocketTable
  private var isStarted = false

  init(at address: IPAddress, reporters: [Endpoint], seed: UInt64) {
    sockets = SocketTable(address)
    measurement = MappingLifetime(
      family: address.family, reporters: reporters, firstSocket: 100,
      entropy: Entropy(seed: seed))
  }

  var isDone: Bool { measurement.isDone }
  var lifetimes: MeasuredLifetimes { measurement.lifetimes }
  var nextDeadline: Timestamp {
    isStarted ? measurement.nextDeadline : Timestamp(nanoseconds: 0)
  }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard let socket = sockets.socket(at: local) else { return [] }
    var actions: [TraversalAction] = []
    _ = measurement.receive(bytes.rawSpan, from: source, on: socket, at: now, into: &actions)
    return carryOut(actions, now)
  }

  func advance(to now: Timestamp) -> [NATDatagram] {
    var actions: [TraversalAction] = []
    if isStarted {
      measurement.advance(to: now, into: &actions)
    } else {
      isStarted = true
      measurement.start(at: now, into: &actions)
    }
    return carryOut(actions, now)
  }

  private func carryOut(_ actions: [TraversalAction], _ now: Timestamp) -> [NATDatagram] {
    var (datagrams, opened) = sockets.carryOut(actions)
    while !opened.isEmpty {
      var more: [TraversalAction] = []
      for (socket, _) in opened { measurement.opened(socket, now: now, into: &more) }
      let next = sockets.carryOut(more)
      datagrams += next.datagrams
      opened = next.opened
    }
    return datagrams
  }
}

extension Entropy {
  /// Reproducible, for tests.
  init(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let bytes = (0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    self.init(seed: SecretBytes(copying: bytes.rawSpan))
  }
}
