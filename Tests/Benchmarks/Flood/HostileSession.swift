import IPv8Crypto
import IPv8Platform
import IPv8Wire
import P2TP

/// A P2TP session with a daemon, on a socket of its own, that keeps to no rate.
final class HostileSession {
  /// When a new session takes the place of the last, as its keys' end is near.
  private static let renewal = Interval.seconds(100)

  private let target: Endpoint
  private let socket: SideSocket
  private var host: OpeningHost
  private var association: Association
  private var sides: SessionSides?
  private var renewAt = Timestamp.distantFuture
  private var actions: [OpeningAction] = []
  private(set) var isOpen = false
  /// Datagrams that the kernel took.
  private(set) var sent = 0

  init(_ key: IdentityKey, _ association: Association, at target: Endpoint) {
    // Whoever floods has no secrets; but each start needs session ids of its own.
    var random = SeededRandom(seed: SystemClock.now().nanoseconds)
    let seed = SecretBytes(count: 32) { (block: inout MutableRawSpan) in
      for word in 0..<4 { block.storeBigEndian(random.next(), at: 8 * word) }
    }
    self.target = target
    self.association = association
    socket = Self.openSocket()
    host = OpeningHost(
      identity: key, entropy: Entropy(seed: seed), aeadOffer: .chaCha20Poly1305,
      lastHandshakeTime: WallTime(milliseconds: 0))
  }

  private static func openSocket() -> SideSocket {
    do { return try SideSocket(family: .v4) } catch { leave("no socket: \(error)") }
  }

  /// Calls, and calls again where nobody answered or the keys grow old.
  func advance(to now: Moment) {
    if !association.isOpen || renewAt <= now.boot {
      renewAt = now.boot + Self.renewal
      association.call([target], at: now, host: &host, into: &actions)
    }
    association.advance(to: now, candidates: [target], host: &host, into: &actions)
    carryOut(at: now.boot)
  }

  private func carryOut(at now: Timestamp) {
    let due = actions
    actions = []
    for action in due {
      switch action {
      case .send(let bytes, let endpoint): _ = socket.send(bytes, to: endpoint)
      case .opened(let session, _):
        sides = SessionSides(session)
        isOpen = true
        // The first record opens the session at the other end.
        send([], at: now)
      case .retire, .gaveUp: break
      }
    }
  }

  /// Seals `frames` as one record.
  func send(_ frames: [UInt8], at now: Timestamp) {
    guard let datagram = sides?.seal(frames, at: now) else { return }
    if socket.send(datagram, to: target) == .sent { sent += 1 }
  }

  /// The control frames that came meanwhile.
  func receive(at now: Moment) -> [ControlFrame] {
    var frames: [ControlFrame] = []
    while let (bytes, _) = socket.receive() {
      switch DatagramKind(bytes.rawSpan) {
      case .opening(let header): hear(bytes, header, P2TPHeader.byteCount, at: now)
      case .openedOptions(let header): hear(bytes, header, DatagramKind.recordPrefix, at: now)
      case .record(let header, let id): open(bytes, header, id, at: now.boot, into: &frames)
      case .relayed, .stun, .malformed: break
      }
    }
    return frames
  }

  private func hear(
    _ datagram: [UInt8], _ header: P2TPHeader, _ offset: Int, at now: Moment
  ) {
    guard let options = HandshakeOptions(datagram.rawSpan, from: offset) else { return }
    if let answer = options.message2 {
      _ = association.receiveMessage2(
        answer.message, header: header, from: target, at: now, host: &host, into: &actions)
    } else if options.message1 == nil {
      _ = association.receiveBareAnswer(
        header, token: options.token, from: target, at: now, host: &host, into: &actions)
    }
    carryOut(at: now.boot)
  }

  private func open(
    _ datagram: [UInt8], _ header: P2TPHeader, _ id: SessionID, at now: Timestamp,
    into frames: inout [ControlFrame]
  ) {
    guard let plaintext = sides?.open(datagram, header, id, from: target, at: now) else { return }
    var answer: [UInt8] = []
    var reader = FrameReader(plaintext.rawSpan)
    while let frame = reader.next(), frame != .end {
      switch frame {
      case .control(let kind, let body):
        frames.append(ControlFrame(kind, body: [UInt8](plaintext[body])))
      case .challenge(let token): Frame.response(token, observed: target).append(to: &answer)
      default: break
      }
    }
    guard !answer.isEmpty else { return }
    Frame.pad(&answer)
    send(answer, at: now)
  }
}

/// Both sides of the session's newest keys.
private struct SessionSides: ~Copyable {
  private var outbound: OutboundSession
  private var inbound: InboundSession

  init(_ established: EstablishedSession) {
    outbound = OutboundSession(
      established, of: PeerIndex(0), rate: RateControl(mode: .observe))
    inbound = InboundSession(established, of: PeerIndex(0))
  }

  mutating func seal(_ frames: [UInt8], at now: Timestamp) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: DatagramKind.recordPrefix) + frames
    datagram += [UInt8](repeating: 0, count: AEADSuite.tagByteCount)
    datagram.withMutableRawSpan { span in
      _ = outbound.seal(&span, isData: false, at: now)
    }
    return datagram
  }

  mutating func open(
    _ datagram: [UInt8], _ header: P2TPHeader, _ id: SessionID, from source: Endpoint,
    at now: Timestamp
  ) -> [UInt8]? {
    let count = datagram.count - DatagramKind.recordPrefix - AEADSuite.tagByteCount
    guard count >= 0, inbound.localID == id else { return nil }
    var plaintext = [UInt8](repeating: 0, count: count)
    let outcome = plaintext.withMutableRawSpan { span in
      inbound.open(datagram.rawSpan, into: &span, header: header, from: source, ecn: 0, at: now)
    }
    guard case .accepted = outcome else { return nil }
    inbound.finishRecord()
    return plaintext
  }
}
