import IPv8Wire
import P2TP

/// A contact as the user and the store describe it.
public struct Contact: Sendable, Equatable {
  public var permID: PermID
  /// Where the user said it is, resolved.
  public var told: [Endpoint]
  /// Where the user said that it takes streams.
  public var streams: [StreamAddress]
  /// Where its own signed record says it is.
  public var signed: [Endpoint]
  /// And when it signed that.
  public var signedAt: WallTime
  /// By way of whom its record says that it can be reached.
  public var rendezvous: [OverlayAddress]
  /// Where its last session was.
  public var seen: Endpoint?
  /// Open the session without being asked, keep it, and never give up.
  public var keepOpen: Bool
  /// Its newest handshake time that was confirmed.
  public var handshakeTime: WallTime
  /// When its last session opened; nil for never.
  public var lastOpen: WallTime?

  public init(
    permID: PermID, told: [Endpoint] = [], streams: [StreamAddress] = [], signed: [Endpoint] = [],
    signedAt: WallTime = WallTime(milliseconds: 0), rendezvous: [OverlayAddress] = [],
    seen: Endpoint? = nil,
    keepOpen: Bool = false, handshakeTime: WallTime = WallTime(milliseconds: 0),
    lastOpen: WallTime? = nil
  ) {
    self.permID = permID
    self.told = told
    self.streams = streams
    self.signed = signed
    self.signedAt = signedAt
    self.rendezvous = rendezvous
    self.seen = seen
    self.keepOpen = keepOpen
    self.handshakeTime = handshakeTime
    self.lastOpen = lastOpen
  }

  /// Where to call, best first, each once: where it was, where it says it is, what the user said.
  var candidates: [Endpoint] {
    var seenAlready: Set<Endpoint> = []
    return ([seen].compactMap { $0 } + signed + told).filter { seenAlready.insert($0).inserted }
  }
}

struct NodePeer: Sendable {
  /// Own records in frames that are looked at: a second, as nobody sends more (``Node/pushInterval``), and
  /// at once.
  static let bindingRate: Int64 = 1
  static let bindingBurst: Int64 = 8

  var contact: Contact
  var association: Association
  var kind: PeerClass
  /// Since when it is known, and when anything was last done for it.
  let metAt: Timestamp
  var usedAt: Timestamp
  /// Whether packets to it are refused because a call finds nobody.
  var isRefusing = false
  /// Where it says that it sees us.
  var observedUs: Endpoint?
  var reach = Reach()
  /// Where it was found within our own networks, the newest first.
  var nearby: [Endpoint] = []
  var stream = StreamWay()
  /// Of its own records that come in frames; each costs a check of a signature.
  var bindings = TokenBucket(rate: bindingRate, burst: bindingBurst)

  init(_ contact: Contact, _ association: Association, as kind: PeerClass, at now: Timestamp) {
    self.contact = contact
    self.association = association
    self.kind = kind
    metAt = now
    usedAt = now
  }

  /// Whether it is spoken to within our own networks.
  var isNearby: Bool { reach.path.map { nearby.contains($0) } ?? false }

  /// Where it may be.
  var candidates: [Endpoint] { nearby + contact.candidates.filter { !nearby.contains($0) } }

  /// Where to call, best first, each once: where it is, by way of whom, and where it may be.
  var callCandidates: [Endpoint] {
    var seenAlready: Set<Endpoint> = []
    let ways = [reach.path, stream.endpoint].compactMap { $0 } + reach.relays.map(\.endpoint)
    return (ways + candidates)
      .filter { seenAlready.insert($0).inserted }
  }

  /// Since when the peer is called, or asked for.
  var callingSince: Timestamp? { association.knockingSince ?? reach.askingSince }

  /// When packets to it are refused unless a session opens; nil where they are already, or need not
  /// be, or while a stream is being dialled.
  var refuseDue: Timestamp? {
    guard !isRefusing, !association.isOpen, stream.state != .dialling else { return nil }
    return callingSince.map { $0 + Node.refuseAfter }
  }
}

/// How far a contact is from being reachable.
public enum PeerState: String, Sendable {
  case idle, opening, open
}
