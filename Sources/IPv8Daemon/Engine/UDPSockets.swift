import IPv8Platform
import IPv8Streams
import IPv8Wire

/// The sockets of both families on one port; a machine may lack one family.
struct UDPSockets: ~Copyable {
  private var v4: UDPSocket?
  private var v6: UDPSocket?
  let port: UInt16
  /// What is for carriers goes there.
  var carriers: CarrierPorts?
  /// By which IPv4 hosts are reached, for whoever sends and receives; nil where that is by IPv4.
  var nat64: NAT64Prefix?
  private var split: (v4: [OutgoingDatagram], v6: [OutgoingDatagram]) = ([], [])
  private var totals = SendResult()
  private var refusal: Refusal?

  /// A datagram that the kernel found too long for where it was to go.
  struct Refusal {
    let byteCount: Int
    let destination: Endpoint
  }

  /// - Parameters:
  ///   - port: 0 chooses a port that is free in both families.
  ///   - shared: whether further sockets are to be bound to the same port.
  init(port: UInt16, shared: Bool = false) throws(SocketError) {
    let v4 = try Self.open(.v4, port, shared)
    let port4 = Self.port(v4)
    let v6 = try Self.open(.v6, port4 ?? port, shared)
    guard let port = port4 ?? Self.port(v6) else { throw .familyUnsupported }
    self.v4 = v4
    self.v6 = v6
    self.port = port
  }

  /// As ``UDPSocket/share(_:)``.
  func share(_ isShared: Bool) throws(SystemError) {
    try Self.share(v4, isShared)
    try Self.share(v6, isShared)
  }

  private static func share(
    _ socket: borrowing UDPSocket?, _ isShared: Bool
  ) throws(SystemError) {
    switch socket {
    case .some(let socket): try socket.share(isShared)
    case .none: break
    }
  }

  /// Gives each datagram to the socket of the lane that its session's strand belongs to; those of no
  /// session may come to any.
  func steer(among lanes: Int) throws(SystemError) {
    try Self.steer(v4, among: lanes)
    try Self.steer(v6, among: lanes)
  }

  private static func steer(
    _ socket: borrowing UDPSocket?, among lanes: Int
  ) throws(SystemError) {
    // The last byte of the session id, whose low bits number the strand.
    let last = DatagramKind.recordPrefix - 1
    switch socket {
    case .some(let socket):
      try socket.steer(byte: last, mask: UInt8(SessionID.strandLimit - 1), among: lanes)
    case .none: break
    }
  }

  private init(v4: consuming UDPSocket?, v6: consuming UDPSocket?, port: UInt16) {
    self.v4 = v4
    self.v6 = v6
    self.port = port
  }

  /// The same sockets for another thread, with counters of its own.
  func duplicate() throws(SystemError) -> UDPSockets {
    var copy = UDPSockets(v4: try Self.duplicate(v4), v6: try Self.duplicate(v6), port: port)
    copy.carriers = carriers
    copy.nat64 = nat64
    return copy
  }

  private static func duplicate(
    _ socket: borrowing UDPSocket?
  ) throws(SystemError) -> UDPSocket? {
    switch socket {
    case .some(let socket): try socket.duplicate()
    case .none: nil
    }
  }

  private static func port(_ socket: borrowing UDPSocket?) -> UInt16? {
    switch socket {
    case .some(let socket): socket.port
    case .none: nil
    }
  }

  private static func open(
    _ family: UDPSocket.Family, _ port: UInt16, _ shared: Bool
  ) throws(SocketError) -> UDPSocket? {
    do throws(SocketError) {
      return try UDPSocket(family: family, port: port, shared: shared)
    } catch {
      if error == .familyUnsupported { return nil }
      throw error
    }
  }

  /// As ``register(with:v4:v6:)``, for a loop of the sockets' own thread.
  func watch(
    with loop: inout PollLoop, v4 token4: EventLoop.Token, v6 token6: EventLoop.Token
  ) {
    Self.watch(v4, with: &loop, token4)
    Self.watch(v6, with: &loop, token6)
  }

  private static func watch(
    _ socket: borrowing UDPSocket?, with loop: inout PollLoop, _ token: EventLoop.Token
  ) {
    switch socket {
    case .some(let socket): loop.add(socket.descriptor, token: token)
    case .none: break
    }
  }

  func register(
    with loop: borrowing EventLoop, v4 token4: EventLoop.Token, v6 token6: EventLoop.Token
  ) throws(SystemError) {
    try Self.register(v4, with: loop, token4)
    try Self.register(v6, with: loop, token6)
  }

  private static func register(
    _ socket: borrowing UDPSocket?, with loop: borrowing EventLoop, _ token: EventLoop.Token
  ) throws(SystemError) {
    switch socket {
    case .some(let socket): try loop.add(socket.descriptor, token: token)
    case .none: break
    }
  }

  /// As ``UDPSocket/receive(into:trains:)``.
  mutating func receive(
    _ family: UDPSocket.Family, into slab: inout PacketSlab, trains: inout [DatagramTrain]
  ) throws(SystemError) -> Bool {
    switch family {
    case .v4: return try v4?.receive(into: &slab, trains: &trains) ?? false
    case .v6:
      let mayBeMore = try v6?.receive(into: &slab, trains: &trains) ?? false
      if let nat64 {
        for place in trains.indices { trains[place].source = nat64.inward(trains[place].source) }
      }
      return mayBeMore
    }
  }

  /// As ``UDPSocket/receiveOne()``.
  mutating func receiveOne(_ family: UDPSocket.Family) -> (bytes: [UInt8], source: Endpoint)? {
    switch family {
    case .v4: return v4?.receiveOne() ?? nil
    case .v6:
      guard let (bytes, source) = v6?.receiveOne() ?? nil else { return nil }
      return (bytes, nat64?.inward(source) ?? source)
    }
  }

  mutating func send(_ datagrams: [OutgoingDatagram], from slab: borrowing PacketSlab) {
    guard !datagrams.isEmpty else { return }
    if nat64 == nil, datagrams.allSatisfy({ $0.destination.isIPv4 }) {
      note(v4?.send(datagrams, from: slab), of: datagrams.count)
      return
    }
    split.v4.removeAll(keepingCapacity: true)
    split.v6.removeAll(keepingCapacity: true)
    for var datagram in datagrams {
      if let nat64 { datagram.destination = nat64.outward(datagram.destination) }
      if datagram.destination.isIPv4 {
        split.v4.append(datagram)
      } else if datagram.destination.isReserved {
        carry(slab.contents(of: datagram.range).copyBytes(), to: datagram.destination)
      } else {
        split.v6.append(datagram)
      }
    }
    note(v4?.send(split.v4, from: slab), of: split.v4.count)
    note(v6?.send(split.v6, from: slab), of: split.v6.count)
  }

  /// Hands a datagram to what stands behind a carrier.
  private mutating func carry(_ bytes: [UInt8], to endpoint: Endpoint) {
    switch endpoint.carrier {
    case .stream(let number):
      count(carriers.map { $0.streams.send(bytes, on: number) ? .sent : .blocked })
    case .socket(let number):
      note(carriers?.sockets.send(bytes, on: number), of: bytes.count, to: endpoint)
    // Wrapped by now, or of a relay that is gone.
    case .relay, nil: count(nil)
    }
  }

  mutating func send(_ bytes: [UInt8], to endpoint: Endpoint) {
    if endpoint.isReserved { return carry(bytes, to: endpoint) }
    let outward = nat64?.outward(endpoint) ?? endpoint
    note(
      outward.isIPv4 ? v4?.send(bytes, to: outward) : v6?.send(bytes, to: outward),
      of: bytes.count, to: endpoint)
  }

  private mutating func note(_ outcome: SendOutcome?, of byteCount: Int, to endpoint: Endpoint) {
    count(outcome)
    if outcome == .tooBig { refusal = Refusal(byteCount: byteCount, destination: endpoint) }
  }

  /// The last datagram that was too long since the last call.
  mutating func takeRefusal() -> Refusal? {
    defer { refusal = nil }
    return refusal
  }

  private mutating func count(_ outcome: SendOutcome?) {
    switch outcome {
    case .sent: totals.sent += 1
    case .blocked: totals.blocked += 1
    case .tooBig: totals.tooBig += 1
    case .failed: totals.failed += 1
    case .unreachable, nil: totals.unreachable += 1
    }
  }

  private mutating func note(_ result: SendResult?, of count: Int) {
    guard let result else {
      totals.unreachable += count
      return
    }
    totals.sent += result.sent
    totals.blocked += result.blocked
    totals.unreachable += result.unreachable
    totals.tooBig += result.tooBig
    if let datagram = result.lastTooBig {
      let destination = nat64?.inward(datagram.destination) ?? datagram.destination
      refusal = Refusal(byteCount: Int(datagram.range.length), destination: destination)
    }
    totals.failed += result.failed
  }

  var gso: Bool { Self.offload(v4).gso && Self.offload(v6).gso }
  var gro: Bool { Self.offload(v4).gro && Self.offload(v6).gro }

  /// A family that is missing does not stand in the way.
  private static func offload(_ socket: borrowing UDPSocket?) -> (gso: Bool, gro: Bool) {
    switch socket {
    case .some(let socket): (socket.gso, socket.gro)
    case .none: (true, true)
    }
  }

  private static func discarded(_ socket: borrowing UDPSocket?) -> UInt64 {
    switch socket {
    case .some(let socket): socket.discarded
    case .none: 0
    }
  }

  var counters: [(name: String, value: UInt64)] {
    [
      ("udp.sent", UInt64(totals.sent)), ("udp.blocked", UInt64(totals.blocked)),
      ("udp.unreachable", UInt64(totals.unreachable)), ("udp.tooBig", UInt64(totals.tooBig)),
      ("udp.failed", UInt64(totals.failed)),
      ("udp.discarded", Self.discarded(v4) + Self.discarded(v6)),
    ]
  }
}

extension Endpoint {
  var isIPv4: Bool { if case .v4 = address { true } else { false } }
}
