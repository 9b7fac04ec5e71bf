import IPv8Crypto
import IPv8Wire

/// What peers ask of each other so that one learns whom its NAT lets in: eight bytes to the asker's own
/// address, from another port or by another peer.
struct ProbeService: Sendable {
  /// Probes for one peer a second, and at once.
  static let rate: Int64 = 1
  static let burst: Int64 = 8
  static let slots = 256
  /// Frames that wait to be sent; more are not said.
  static let frameLimit = 32
  /// How often a probe is sent, as one may be lost.
  static let copies = 2

  private var limits: SourceBuckets
  private(set) var frames: [(index: PeerIndex, frame: ControlFrame)] = []
  /// What is to go from another port, until that stands.
  private var fromOtherPort: (target: Endpoint, bytes: [UInt8])?

  init(salt: UInt64) {
    limits = SourceBuckets(slots: Self.slots, rate: Self.rate, burst: Self.burst, salt: salt)
  }

  mutating func say(_ frame: ProbeFrame, to index: PeerIndex) {
    if frames.count < Self.frameLimit { frames.append((index, frame.frame)) }
  }

  mutating func takeFrames() -> [(index: PeerIndex, frame: ControlFrame)] {
    defer { frames = [] }
    return frames
  }

  /// Handles what a peer, whose frame came from `source`, asks of us.
  mutating func receive(
    _ probe: ProbeFrame, of index: PeerIndex, from source: Endpoint, peers: [OpenPeer],
    entropy: inout Entropy, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard probe.target.port != 0, probe.target.address.reach == .global,
      limits.take(source.address, at: now)
    else { return }
    switch probe.role {
    case .forward: send(to: probe.target, &entropy, into: &actions)
    case .fromStranger:
      // Nobody aims at others.
      guard probe.target.address == source.address,
        let stranger = peers.first(where: { peer in
          peer.index != index && peer.endpoint.address.family == source.address.family
            && peer.endpoint.address != source.address
            && !probe.known.contains(peer.endpoint.address)
        })
      else { return }
      say(ProbeFrame(.forward, target: probe.target), to: stranger.index)
      say(ProbeFrame(.sentByStranger, target: probe.target), to: index)
    case .fromOtherPort:
      guard probe.target.address == source.address, fromOtherPort == nil else { return }
      fromOtherPort = (probe.target, Self.bytes(&entropy))
      actions.append(
        .open(LocalSocket(SocketNumbers.probe), probe.target.address.family))
      say(ProbeFrame(.sentFromOtherPort, target: probe.target), to: index)
    case .sentByStranger, .sentFromOtherPort: break
    }
  }

  /// The other port stands.
  mutating func opened(into actions: inout [TraversalAction]) {
    guard let (target, bytes) = fromOtherPort else { return }
    fromOtherPort = nil
    let socket = LocalSocket(SocketNumbers.probe)
    for _ in 0..<Self.copies { actions.append(.send(bytes, to: target, on: socket)) }
    actions.append(.close(socket))
  }

  private func send(
    to target: Endpoint, _ entropy: inout Entropy, into actions: inout [TraversalAction]
  ) {
    let bytes = Self.bytes(&entropy)
    for _ in 0..<Self.copies { actions.append(.send(bytes, to: target, on: .main)) }
  }

  /// A bare INIT, whose forward timestamp nobody is going to return to us.
  private static func bytes(_ entropy: inout Entropy) -> [UInt8] {
    let stamp = UInt32(truncatingIfNeeded: entropy.next()) & P2TPHeader.fieldMask
    return P2TPHeader(sop: false, first: max(stamp, 1), second: 0).bytes
  }
}

extension NetworkObserver {
  /// Handles a PROBE frame of an open session.
  ///
  /// - Parameter source: where its record came from.
  public mutating func receive(
    _ probe: ProbeFrame, of index: PeerIndex, from source: Endpoint, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    let origin: ProbeOrder.Origin
    switch probe.role {
    case .sentByStranger: origin = .stranger
    case .sentFromOtherPort: origin = .otherPort
    case .fromStranger, .fromOtherPort, .forward:
      return probes.receive(
        probe, of: index, from: source, peers: peers, entropy: &entropy, at: now, into: &actions)
    }
    guard let peer = peers.first(where: { $0.index == index }) else { return }
    confirm(ProbeOrder(peer: peer.endpoint, target: probe.target, origin: origin))
  }

  /// What is to be said to peers, each once.
  public mutating func takeFrames() -> [(index: PeerIndex, frame: ControlFrame)] {
    for order in takeOrders() {
      guard let peer = peers.first(where: { $0.endpoint == order.peer }) else { continue }
      let role: ProbeFrame.Role = order.origin == .stranger ? .fromStranger : .fromOtherPort
      probes.say(
        ProbeFrame(role, target: order.target, known: order.known), to: peer.index)
    }
    return probes.takeFrames()
  }
}
