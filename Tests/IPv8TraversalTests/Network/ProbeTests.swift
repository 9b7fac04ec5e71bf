import IPv8Crypto
import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Probes".
@Suite("Probes for a peer's NAT check")
struct ProbeTests {
  private static let now = Timestamp(nanoseconds: 1_000_000_000)
  private static let asker = Endpoint(.v4(IPv4Address(0x0505_0505)), port: 4_000)
  private static let target = Endpoint(.v4(IPv4Address(0x0505_0505)), port: 9_000)
  private static let peers = (1...3).map { number in
    OpenPeer(
      PeerIndex(number), at: Endpoint(.v4(IPv4Address(UInt32(number) << 24 | 1)), port: 41_641))
  }

  private static func observer() -> NetworkObserver {
    var observer = NetworkObserver(
      NetworkObserver.Settings(port: 41_641), cache: LifetimeCache(), entropy: Entropy(seed: 1))
    observer.setPeers([OpenPeer(PeerIndex(0), at: asker)] + peers, at: now)
    return observer
  }

  @Test("a stranger sends eight bytes to the asker, and no peer that the asker knows is one")
  func stranger() {
    var observer = Self.observer()
    var actions: [TraversalAction] = []
    let known = Self.peers[0].endpoint.address
    observer.receive(
      ProbeFrame(.fromStranger, target: Self.target, known: [known]), of: PeerIndex(0),
      from: Self.asker, at: Self.now, into: &actions)
    let frames = observer.takeFrames()
    #expect(actions.isEmpty)
    #expect(frames.map(\.index) == [PeerIndex(2), PeerIndex(0)])
    #expect(
      frames.map { ProbeFrame(body: $0.frame.body)?.role } == [.forward, .sentByStranger])
    observer.receive(
      ProbeFrame(.forward, target: Self.target), of: PeerIndex(1),
      from: Self.peers[0].endpoint, at: Self.now, into: &actions)
    #expect(actions.count == 2)
    for action in actions {
      guard case .send(let bytes, let to, let socket) = action else {
        Issue.record("\(action)")
        continue
      }
      #expect(bytes.count == 8 && to == Self.target && socket == .main)
      #expect(DatagramKind(bytes.rawSpan) != .malformed)
    }
  }

  @Test("are sent to nobody but the asker, and to him a few at a time")
  func victims() {
    var observer = Self.observer()
    var actions: [TraversalAction] = []
    let victim = Endpoint(.v4(IPv4Address(0x0707_0707)), port: 9_000)
    for role in [ProbeFrame.Role.fromStranger, .fromOtherPort] {
      observer.receive(
        ProbeFrame(role, target: victim), of: PeerIndex(0), from: Self.asker, at: Self.now,
        into: &actions)
    }
    #expect(observer.takeFrames().isEmpty && actions.isEmpty)
    for _ in 0..<100 {
      observer.receive(
        ProbeFrame(.forward, target: Self.target), of: PeerIndex(1),
        from: Self.peers[0].endpoint, at: Self.now, into: &actions)
    }
    #expect(actions.count <= 16)
  }

  @Test("frames are read as written, and nothing else is")
  func frames() {
    var random = TestRandom("Probe frames")
    for role in ProbeFrame.Role.allCases {
      let probe = ProbeFrame(role, target: Self.target, known: [Self.asker.address])
      #expect(ProbeFrame(body: probe.frame.body) == probe)
      for length in 0..<probe.frame.body.count {
        #expect(ProbeFrame(body: Array(probe.frame.body.prefix(length))) == nil)
      }
    }
    for _ in 0..<2_000 {
      let bytes = (0..<Int(random.next() % 80)).map { _ -> UInt8 in random.integer() }
      if let probe = ProbeFrame(body: bytes) {
        #expect(ProbeFrame(body: probe.frame.body) == probe)
      }
    }
  }
}
