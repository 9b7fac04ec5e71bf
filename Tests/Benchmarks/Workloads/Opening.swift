import IPv8Crypto
import IPv8Wire
import P2TP

/// One host's name in the overlay and beneath it.
struct Party {
  let identity: IdentityKey
  let endpoint: Endpoint
  /// As this host's programs know it, and as the wire does.
  let alias: IPv4Address
  let wireAlias: IPv4Address

  init(_ number: Int, using random: inout SeededRandom) {
    identity = IdentityKey(seed: .random(using: &random))
    let number = UInt32(number)
    endpoint = Endpoint(.v4(IPv4Address(0xc612_0000 + number)), port: 1000)
    alias = IPv4Address(0x6440_0000 + number)
    wireAlias = IPv4Address(0x6460_0000 + number)
  }

  var address: OverlayAddress { OverlayAddress(of: identity.permID) }
}

extension SecretBytes {
  /// 32 bytes.
  static func random(using random: inout SeededRandom) -> SecretBytes {
    SecretBytes(count: 32) { (block: inout MutableRawSpan) in
      for word in 0..<4 { block.storeBigEndian(random.next(), at: 8 * word) }
    }
  }
}

/// A handshake between two hosts in one program: first ``call(_:)``, then ``confirm(_:)``.
struct Opening: ~Copyable {
  private let caller: Party
  private let answerer: Party
  private let now: Moment
  private var callingHost: OpeningHost
  private var answeringHost: OpeningHost
  private var calling: Association
  private var answering: Association

  init(
    _ caller: Party, _ answerer: Party, suite: AEADSuite, at now: Timestamp,
    using random: inout SeededRandom
  ) {
    self.caller = caller
    self.answerer = answerer
    self.now = Moment(boot: now, wall: WallTime(milliseconds: 1_700_000_000_000))
    let start = WallTime(milliseconds: 0)
    guard
      let calling = Association(
        local: caller.identity.permID, peer: answerer.identity.permID, peerTime: start),
      let answering = Association(
        local: answerer.identity.permID, peer: caller.identity.permID, peerTime: start)
    else { preconditionFailure("two valid identities") }
    self.calling = calling
    self.answering = answering
    let offer = AEADOffer(rawValue: 1 << suite.rawValue)
    callingHost = OpeningHost(
      identity: caller.identity, entropy: Entropy(seed: .random(using: &random)),
      aeadOffer: offer, lastHandshakeTime: start)
    answeringHost = OpeningHost(
      identity: answerer.identity, entropy: Entropy(seed: .random(using: &random)),
      aeadOffer: offer, lastHandshakeTime: start)
  }

  /// The caller's session.
  mutating func call() -> EstablishedSession {
    var actions: [OpeningAction] = []
    calling.call([answerer.endpoint], at: now, host: &callingHost, into: &actions)
    let (asked, question) = Self.opening(actions)
    guard let message1 = question.message1,
      let call = ReceivedCall(
        message1, identity: answerer.identity,
        ephemeral: AgreementKey(secret: answeringHost.entropy.secret(32)))
    else { preconditionFailure("a call") }
    actions = []
    _ = answering.receive(
      call, header: asked, returned: false, from: caller.endpoint, at: now, host: &answeringHost,
      into: &actions)
    let (answered, answer) = Self.opening(actions)
    actions = []
    _ = calling.receiveMessage2(
      answer.message2?.message ?? [], header: answered, from: answerer.endpoint, at: now,
      host: &callingHost, into: &actions)
    return Self.session(actions)
  }

  /// The answerer's session, which the caller's first record opens.
  mutating func confirm(_ record: [UInt8]) -> EstablishedSession {
    guard case .record(let header, _) = DatagramKind(record.rawSpan) else {
      preconditionFailure("a record")
    }
    var actions: [OpeningAction] = []
    _ = answering.confirm(
      record, header: header, from: caller.endpoint, at: now, host: &answeringHost,
      into: &actions)
    return Self.session(actions)
  }

  /// The one datagram that `actions` send.
  private static func opening(_ actions: [OpeningAction]) -> (P2TPHeader, HandshakeOptions) {
    guard case .send(let bytes, _)? = actions.first,
      case .opening(let header) = DatagramKind(bytes.rawSpan),
      let options = HandshakeOptions(bytes.rawSpan, from: P2TPHeader.byteCount)
    else { preconditionFailure("an opening datagram") }
    return (header, options)
  }

  private static func session(_ actions: [OpeningAction]) -> EstablishedSession {
    guard case .opened(let session, _)? = actions.first else {
      preconditionFailure("the handshake succeeds")
    }
    return session
  }
}
