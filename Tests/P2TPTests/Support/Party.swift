import IPv8Crypto
import IPv8Wire

@testable import P2TP

extension Entropy {
  /// Reproducible: from a test's number.
  static func seeded(_ number: UInt64) -> Entropy {
    var random = SeededRandom(seed: number)
    var bytes: [UInt8] = []
    for _ in 0..<4 { bytes.append(bigEndian: random.next()) }
    return Entropy(seed: SecretBytes(copying: bytes.rawSpan))
  }
}

extension Moment {
  /// `milliseconds` after a host booted a thousand seconds ago.
  static func after(_ milliseconds: Int64) -> Moment {
    let boot = Timestamp(nanoseconds: 1_000_000_000_000) + .milliseconds(milliseconds)
    return Moment(boot: boot, wall: WallTime(milliseconds: 1_700_000_000_000 + boot.milliseconds))
  }
}

extension Endpoint {
  /// 198.18.0.n, port 1000 + n.
  static func test(_ number: UInt32) -> Endpoint {
    Endpoint(.v4(IPv4Address(0xc612_0000 + number)), port: UInt16(1000 + number))
  }
}

/// One end of an association, with the few lines around it that tell datagrams apart.
final class Party {
  let identity: IdentityKey
  let endpoint: Endpoint
  var host: OpeningHost
  var association: Association
  private(set) var opened: [(session: EstablishedSession, sendOn: Bool)] = []
  private(set) var retired: [SessionID] = []
  private(set) var gaveUp = 0
  private var actions: [OpeningAction] = []

  init(
    _ identity: IdentityKey, peer: PermID, number: UInt32,
    offer: AEADOffer = [.chaCha20Poly1305, .aes256GCM]
  ) {
    guard
      let association = Association(
        local: identity.permID, peer: peer, peerTime: WallTime(milliseconds: 0))
    else { preconditionFailure("a valid peer") }
    self.identity = identity
    self.association = association
    endpoint = .test(number)
    host = OpeningHost(
      identity: identity, entropy: .seeded(UInt64(number) + 100),
      aeadOffer: offer.intersection(.local), lastHandshakeTime: WallTime(milliseconds: 0))
  }

  /// Two parties that know each other: first the one of the greater PermID.
  static func pair(_ seed: UInt64) -> (greater: Party, lesser: Party) {
    var entropy = Entropy.seeded(seed)
    let one = IdentityKey(seed: entropy.secret(32))
    let two = IdentityKey(seed: entropy.secret(32))
    let (high, low) = one.permID > two.permID ? (one, two) : (two, one)
    return (
      Party(high, peer: low.permID, number: 1), Party(low, peer: high.permID, number: 2)
    )
  }

  func call(_ peer: Party, at now: Moment) -> [[UInt8]] {
    association.call([peer.endpoint], at: now, host: &host, into: &actions)
    return drain()
  }

  func advance(to now: Moment, candidates: [Endpoint] = []) -> [[UInt8]] {
    association.advance(to: now, candidates: candidates, host: &host, into: &actions)
    return drain()
  }

  /// Hands over one datagram; returns what is sent back, nil where it was refused.
  func receive(_ datagram: [UInt8], from source: Endpoint, at now: Moment) -> [[UInt8]]? {
    take(datagram, source, now) ? drain() : nil
  }

  private func take(_ datagram: [UInt8], _ source: Endpoint, _ now: Moment) -> Bool {
    switch DatagramKind(datagram.rawSpan) {
    case .record(let header, _):
      return association.confirm(
        datagram, header: header, from: source, at: now, host: &host, into: &actions)
    case .opening(let header):
      return takeOpening(datagram, header, P2TPHeader.byteCount, source, now)
    case .openedOptions(let header):
      return takeOpening(datagram, header, DatagramKind.recordPrefix, source, now)
    case .relayed, .stun, .malformed: return false
    }
  }

  private func takeOpening(
    _ datagram: [UInt8], _ header: P2TPHeader, _ offset: Int, _ source: Endpoint, _ now: Moment
  ) -> Bool {
    guard let options = HandshakeOptions(datagram.rawSpan, from: offset) else { return false }
    if let message1 = options.message1 { return takeCall(message1, header, source, now) }
    if let answer = options.message2 {
      return association.receiveMessage2(
        answer.message, header: header, from: source, at: now, host: &host, into: &actions)
    }
    return association.receiveBareAnswer(
      header, token: options.token, from: source, at: now, host: &host, into: &actions)
  }

  private func takeCall(
    _ message1: [UInt8], _ header: P2TPHeader, _ source: Endpoint, _ now: Moment
  ) -> Bool {
    let returned = header.yts && host.cookies.isGood(header.second, from: source, at: now.boot)
    if association.hasAnswered(message1) {
      association.repeatAnswer(
        header, returned: returned, from: source, at: now.boot, host: host, into: &actions)
      return true
    }
    let ephemeral = AgreementKey(secret: host.entropy.secret(32))
    guard let call = ReceivedCall(message1, identity: identity, ephemeral: ephemeral) else {
      return false
    }
    return association.receive(
      call, header: header, returned: returned, from: source, at: now, host: &host,
      into: &actions)
  }

  private func drain() -> [[UInt8]] {
    var sent: [[UInt8]] = []
    for action in actions {
      switch action {
      case .send(let bytes, _): sent.append(bytes)
      case .opened(let session, let sendOn): opened.append((session, sendOn))
      case .retire(let id): retired.append(id)
      case .gaveUp: gaveUp += 1
      }
    }
    actions = []
    return sent
  }
}

extension EstablishedSession {
  /// A record with `plaintext`, as the session's owner would seal it first.
  func firstRecord(_ plaintext: [UInt8] = [], at now: Moment) -> [UInt8] {
    var session = OutboundSession(self, of: PeerIndex(0))
    return session.sealed(plaintext, at: now.boot)
  }
}

extension OutboundSession {
  mutating func sealed(_ plaintext: [UInt8], isData: Bool = true, at now: Timestamp) -> [UInt8] {
    var datagram = [UInt8](repeating: 0, count: DatagramKind.recordPrefix) + plaintext
    datagram += [UInt8](repeating: 0, count: AEADSuite.tagByteCount)
    let outcome = datagram.withMutableRawSpan { seal(&$0, isData: isData, at: now) }
    return outcome == .sealed ? datagram : []
  }
}

extension InboundSession {
  /// Opens `datagram` and reads the frames of an accepted record.
  mutating func opened(
    _ datagram: [UInt8], from source: Endpoint, ecn: UInt8, at now: Timestamp
  ) -> OpenOutcome {
    guard case .record(let header, _) = DatagramKind(datagram.rawSpan) else { return .forged }
    let count = datagram.count - DatagramKind.recordPrefix - AEADSuite.tagByteCount
    guard count >= 0 else { return .forged }
    var plaintext = [UInt8](repeating: 0, count: count)
    let outcome = plaintext.withMutableRawSpan {
      open(datagram.rawSpan, into: &$0, header: header, from: source, ecn: ecn, at: now)
    }
    guard case .accepted = outcome else { return outcome }
    var frames = FrameReader(plaintext.rawSpan)
    while let frame = frames.next(), frame != .end {
      if case .feedback(let feedback) = frame { receive(feedback) }
      if case .packet(let range) = frame {
        noteData(range.count, at: now)
        break
      }
    }
    finishRecord()
    return outcome
  }
}
