import IPv8Crypto
import IPv8Records
import IPv8Wire

@testable import IPv8Node
@testable import P2TP

/// A node behind a reference, and what it sent so far.
final class NodeFixture {
  let identity: IdentityKey
  let endpoint: Endpoint
  var node: Node
  private(set) var actions: [NodeAction] = []

  init(_ number: UInt32, isPublic: Bool = false, inquires: Bool = false) {
    var entropy = Self.entropy(UInt64(number))
    identity = IdentityKey(seed: entropy.secret(32))
    endpoint = Self.endpoint(number)
    node = Node(
      identity: identity, entropy: Self.entropy(UInt64(number) + 1000), isPublic: isPublic,
      inquires: inquires)
  }

  /// Two nodes that have each other as contacts.
  static func pair() -> (NodeFixture, NodeFixture) {
    let (a, b) = (NodeFixture(1), NodeFixture(2))
    a.add(b)
    b.add(a)
    return (a, b)
  }

  static func entropy(_ number: UInt64) -> Entropy {
    var random = SeededRandom(seed: number)
    var bytes: [UInt8] = []
    for _ in 0..<4 { bytes.append(bigEndian: random.next()) }
    return Entropy(seed: SecretBytes(copying: bytes.rawSpan))
  }

  /// 198.18.0.n, port 1000 + n modulo 2^16.
  static func endpoint(_ number: UInt32) -> Endpoint {
    Endpoint(
      .v4(IPv4Address(0xc612_0000 &+ number)), port: UInt16(truncatingIfNeeded: 1000 &+ number))
  }

  static func moment(_ milliseconds: Int64) -> Moment {
    let boot = Timestamp(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
    return Moment(boot: boot, wall: WallTime(milliseconds: 1_700_000_000_000 + boot.milliseconds))
  }

  @discardableResult
  func add(_ other: NodeFixture, keepOpen: Bool = false, at time: Int64 = 0) -> PeerIndex? {
    node.setContact(
      Contact(permID: other.identity.permID, told: [other.endpoint], keepOpen: keepOpen),
      at: Self.moment(time), into: &actions)
  }

  func add(_ permID: PermID?) -> PeerIndex? {
    permID.flatMap {
      node.setContact(
        Contact(permID: $0, told: [endpoint]), at: Self.moment(0), into: &actions)
    }
  }

  func index(_ other: NodeFixture) -> PeerIndex {
    node.index(of: other.identity.permID) ?? PeerIndex(-1)
  }

  func call(_ other: NodeFixture, at time: Int64) -> [[UInt8]] {
    node.callUnlessOpen(index(other), at: Self.moment(time), into: &actions)
    return takeSent()
  }

  func advance(to time: Int64) -> [[UInt8]] {
    node.advance(to: Self.moment(time), into: &actions)
    return takeSent()
  }

  func receive(_ datagram: [UInt8], from source: Endpoint, at time: Int64) -> [[UInt8]] {
    _ = node.receive(datagram, from: source, at: Self.moment(time), into: &actions)
    return takeSent()
  }

  var installed: [EstablishedSession] = []
  var retired: [SessionID] = []
  var notes: [StoreNote] = []
  var frames: [(to: PeerIndex, frame: ControlFrame)] = []
  var probes: [(of: PeerIndex, at: Endpoint)] = []
  /// Links as they stand.
  var links: [RelayLink.Key: RelayLink.Target] = [:]
  var reachable: [PeerIndex: Bool] = [:]
  var inquired: [PermID] = []
  var refusals: [AdmissionRefusal] = []
  var sought: [OverlayAddress] = []
  var forgotten: [PeerIndex] = []

  private func takeSent() -> [[UInt8]] {
    var sent: [[UInt8]] = []
    for action in actions {
      switch action {
      case .send(let bytes, _): sent.append(bytes)
      case .install(_, let session, _): installed.append(session)
      case .retire(let id, _): retired.append(id)
      case .store(let note): notes.append(note)
      case .sendFrame(let index, let frame): frames.append((index, frame))
      case .probe(let index, let endpoint): probes.append((index, endpoint))
      case .setRelay(let link): links[link.key] = link.target
      case .removeRelay(let key): links[key] = nil
      case .setReachable(let index, let isReachable): reachable[index] = isReachable
      case .inquire(let permID): inquired.append(permID)
      case .refused(_, let reason): refusals.append(reason)
      case .seek(let address): sought.append(address)
      case .forget(let index): forgotten.append(index)
      case .openSocket, .closeSocket, .adoptSocket, .dial, .hangUp, .forgetWay, .learned: break
      }
    }
    actions = []
    return sent
  }

  /// Runs any input of the node; what it sends as datagrams is returned.
  @discardableResult
  func decide(
    at time: Int64, _ body: (inout Node, Moment, inout [NodeAction]) -> Void
  ) -> [[UInt8]] {
    body(&node, Self.moment(time), &actions)
    return takeSent()
  }

  func remove(_ other: NodeFixture, at time: Int64) {
    node.removeContact(index(other), at: Self.moment(time), into: &actions)
    _ = takeSent()
  }

  func observe(_ seen: Endpoint, by other: NodeFixture, at time: Int64) {
    node.handle(.observed(seen), of: index(other), at: Self.moment(time), into: &actions)
    _ = takeSent()
  }

  func setLocal(_ endpoint: Endpoint?, at time: Int64) {
    node.setLocalEndpoints(v4: endpoint, v6: nil, at: Self.moment(time), into: &actions)
    _ = takeSent()
  }

  // Copies, because `#expect` takes no noncopyable values.
  var binding: SignedBinding? { node.binding }
  var counters: NodeCounters { node.counters }
  func state(of other: NodeFixture) -> PeerState { node.state(of: index(other)) }

  var pending: Int { node.answeredCalls.count }
  var owners: Int { node.host.owners.count }
  var pendingID: SessionID? { node.host.owners.keys.first }

  /// Raises the load level for ten seconds.
  func load(_ level: LoadGate.Level, at time: Int64) {
    switch level {
    case .none: break
    case .cookie: _ = node.gate.arrival(pending: .max, at: Self.moment(time).boot)
    case .token: for _ in 0...50 { node.gate.forgery(at: Self.moment(time).boot) }
    }
  }
}

extension [UInt8] {
  /// The datagram with the right MAC1 for `recipient` behind it, whatever it is.
  func sealedWithMAC1(for recipient: PermID) -> [UInt8] {
    var datagram = self
    MAC1(recipient: recipient).append(to: &datagram)
    return datagram
  }
}

extension EstablishedSession {
  /// An empty record as the session's owner would seal it first.
  func firstRecord(at time: Int64) -> [UInt8] {
    var session = OutboundSession(self, of: PeerIndex(0))
    var datagram = [UInt8](
      repeating: 0, count: DatagramKind.recordPrefix + AEADSuite.tagByteCount)
    _ = datagram.withMutableRawSpan {
      session.seal(&$0, isData: false, at: NodeFixture.moment(time).boot)
    }
    return datagram
  }
}
