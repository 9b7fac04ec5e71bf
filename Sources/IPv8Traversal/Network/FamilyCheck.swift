import IPv8Crypto
import IPv8Wire

/// The NAT check of one family: the one under way or finished last, and what was known before.
struct FamilyCheck: ~Copyable {
  let family: AddressFamily
  /// The number of the first socket that its checks may open.
  let firstSocket: Int
  private(set) var check: NATCheck?
  /// Asked its reporters; otherwise it only gathers what sessions tell.
  private(set) var isAsking = false
  /// What the check before said of the same network; stands until the new one is done.
  private var before: NetworkReport?

  init(_ family: AddressFamily, firstSocket: Int) {
    self.family = family
    self.firstSocket = firstSocket
  }

  var isRunning: Bool {
    guard isAsking else { return false }
    switch check {
    case .none: return false
    case .some(let check): return !check.isDone
    }
  }

  var report: NetworkReport? {
    switch check {
    case .none: nil
    case .some(let check): isRunning ? before ?? check.report : check.report
    }
  }

  /// Forgets all: the family is gone, or the network another.
  mutating func end(into actions: inout [TraversalAction]) {
    if isRunning { closeSockets(into: &actions) }
    check = nil
    before = nil
    isAsking = false
  }

  /// Begins anew; without reporters nothing is sent.
  ///
  /// - Parameter told: what sessions say already.
  mutating func begin(
    local: Endpoint, reporters: [Reporter], told: [(peer: Endpoint, observed: Endpoint)],
    entropy: consuming Entropy, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    let known = isRunning ? before : report
    if isRunning { closeSockets(into: &actions) }
    before = known?.local == local ? known : nil
    var fresh = NATCheck(
      local: local, reporters: reporters, firstSocket: firstSocket, entropy: entropy)
    for word in told { fresh.note(word.observed, by: word.peer) }
    isAsking = !reporters.isEmpty
    if isAsking { fresh.start(at: now, into: &actions) }
    check = consume fresh
  }

  private func closeSockets(into actions: inout [TraversalAction]) {
    for index in 0..<NATCheck.socketCount {
      actions.append(.close(LocalSocket(firstSocket + index)))
    }
  }

  func owns(_ socket: LocalSocket) -> Bool {
    (firstSocket..<firstSocket + NATCheck.socketCount).contains(socket.number)
  }

  var nextDeadline: Timestamp {
    guard isRunning else { return .distantFuture }
    switch check {
    case .none: return .distantFuture
    case .some(let check): return check.nextDeadline
    }
  }

  mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    if isRunning { check?.advance(to: now, into: &actions) }
  }

  mutating func opened(
    _ socket: LocalSocket, at local: Endpoint, now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    if isRunning { check?.opened(socket, at: local, now: now, into: &actions) }
  }

  /// False where the datagram is for somebody else.
  mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    guard isRunning, source.address.family == family else { return false }
    return check?.receive(datagram, from: source, on: socket, at: now, into: &actions) ?? false
  }

  mutating func probeArrived(from source: Endpoint, on socket: LocalSocket) {
    if isRunning { check?.probeArrived(from: source, on: socket) }
  }

  mutating func note(_ observed: Endpoint, by peer: Endpoint) { check?.note(observed, by: peer) }

  mutating func takeOrders() -> [ProbeOrder] { check?.takeOrders() ?? [] }

  mutating func confirm(_ probe: ProbeOrder) { if isRunning { check?.confirm(probe) } }
}
