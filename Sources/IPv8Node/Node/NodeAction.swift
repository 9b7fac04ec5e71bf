import IPv8Records
import IPv8Wire
import P2TP

/// What a node wants done; the daemon carries it out in order.
public enum NodeAction: Sendable {
  /// Send these bytes as one datagram.
  case send([UInt8], to: Endpoint)
  /// Give the data plane a session that was opened.
  case install(PeerIndex, EstablishedSession, sendOn: Bool)
  /// End a live session.
  case retire(SessionID, tell: Bool)
  /// Packets to the peer wait (true) or are refused (false).
  case setReachable(PeerIndex, Bool)
  /// Say this to a peer, in a record of its open session; lost where there is none.
  case sendFrame(PeerIndex, ControlFrame)
  /// Ask for an answer of an open session's peer from this endpoint.
  case probe(PeerIndex, Endpoint)
  /// This way to a peer, a relay or a stream, is gone.
  case forgetWay(PeerIndex, Endpoint)
  /// Take relayed datagrams from now on as the link says, or no longer.
  case setRelay(RelayLink)
  case removeRelay(RelayLink.Key)
  /// Open an extra socket for one remote endpoint; from then on ``Carrier/socket(_:)`` names it.
  case openSocket(UInt32, remote: Endpoint)
  case closeSocket(UInt32)
  /// Let the data plane receive on an extra socket.
  case adoptSocket(UInt32)
  /// Open a stream to a peer at the first of these addresses that takes one.
  case dial(PeerIndex, [StreamAddress])
  /// End the stream of this number.
  case hangUp(UInt32)
  /// Remember for the next start.
  case store(StoreNote)
  /// Ask about an unknown caller, and tell the node by ``Node/admit(_:as:at:into:)`` or
  /// ``Node/refuse(_:_:at:)``.
  case inquire(PermID)
  /// An unknown caller was not answered.
  case refused(PermID, AdmissionRefusal)
  /// Ask who has this address: a peer that is to be called is said to be reached by way of it.
  case seek(OverlayAddress)
  /// A peer told this of itself; it may be older than what is known.
  case learned(SignedBinding)
  /// The peer is known no more, and its sessions are over.
  case forget(PeerIndex)
}

/// A fact worth keeping across restarts.
public enum StoreNote: Sendable, Equatable {
  /// The newest handshake time of a peer that was confirmed.
  case handshakeTime(PermID, WallTime)
  /// A session was opened with a peer there.
  case opened(PermID, at: Endpoint, WallTime)
  /// A signed record: a peer's, or our own.
  case binding(SignedBinding)
}

/// What a node dropped or refused, and why; monotonic.
public struct NodeCounters: Sendable, Equatable {
  public var malformed: UInt64 = 0
  /// First messages without the proof that they know whom they call.
  public var silent: UInt64 = 0
  /// First messages that are forged, replayed too late, or garbled.
  public var badHandshake: UInt64 = 0
  /// Authentic calls of unknown peers, none of which was answered.
  public var stranger: UInt64 = 0
  /// Of these, peers that somebody was asked about, and those refused, by the reason.
  public var inquiries: UInt64 = 0
  public var refusals: [AdmissionRefusal: UInt64] = [:]
  /// Peers let in or heard as strangers that made room for others.
  public var evicted: UInt64 = 0
  /// Calls from where no contact is, beyond their share under load.
  public var unknownShare: UInt64 = 0
  /// Records for a session that does not exist.
  public var unknownSession: UInt64 = 0
  /// Calls answered statelessly because of load.
  public var deferred: UInt64 = 0
  /// Signed records of peers that were refused.
  public var badRecord: UInt64 = 0
  /// And those that came too soon after others.
  public var recordRate: UInt64 = 0
  /// Introductions that are malformed, forged, replayed, or nobody's.
  public var badIntroduction: UInt64 = 0
  /// Calls to be handed on beyond the quota, and those that came to an introduction.
  public var introductionQuota: UInt64 = 0
  public var introduced: UInt64 = 0

  public init() {}

  /// The names that `status` shows.
  public var named: [(name: String, value: UInt64)] {
    [
      ("dropped.malformedOpening", malformed), ("dropped.silent", silent),
      ("dropped.badHandshake", badHandshake), ("refused.stranger", stranger),
      ("dropped.unknownSession", unknownSession), ("deferred.load", deferred),
      ("dropped.badRecord", badRecord), ("dropped.recordRate", recordRate),
      ("dropped.badIntroduction", badIntroduction),
      ("refused.introductionQuota", introductionQuota), ("introductions", introduced),
      ("admission.inquiries", inquiries), ("admission.evicted", evicted),
      ("refused.unknownShare", unknownShare),
    ] + AdmissionRefusal.allCases.map { ("refused.\($0.rawValue)", refusals[$0] ?? 0) }
  }
}
