import IPv8DataPlane
import IPv8Platform
import IPv8Streams
import IPv8Wire
import P2TP

/// What the control thread asks of a lane's outbound half.
enum TransmitCommand: Sendable {
  case setPeer(PeerIndex, LanePeer)
  /// Nobody knows who has the address.
  case refuseUnknown(OverlayAddress)
  case removePeer(PeerIndex)
  case install(PeerIndex, EstablishedSession, sendOn: Bool)
  case retire(SessionID, tell: Bool)
  case setUnreachable(PeerIndex, Bool)
  /// The peer proved to be there, as another lane has found.
  case setEndpoint(PeerIndex, Endpoint)
  /// What class a flow with a peer has, or without one what nothing else is said of.
  case declare(TrafficClass?, DeclaredFlow?, PeerIndex)
  case challengeAll
  /// This host's network changed: what its paths bear is not known any more.
  case forgetPaths
  /// How often idle sessions send, so that this network lets answers in.
  case setKeepalive(Interval)
  /// By which IPv4 hosts are reached; nil where that is by IPv4.
  case setNAT64(NAT64Prefix?)
  /// Send a control frame, or a challenge to an endpoint, on the open session of a peer.
  case sendFrame(PeerIndex, ControlFrame)
  case probe(PeerIndex, Endpoint)
  /// This way to a peer is gone.
  case forgetWay(PeerIndex, Endpoint)
  /// Look whether the peer is still there: another lane hears nothing.
  case check(PeerIndex)
  /// Send a datagram of a handshake by way of a carrier.
  case send([UInt8], Endpoint)
  case ping(PeerIndex, PingTable.Waiting)
  /// Add to the status, and pass it on.
  case status(EngineStatus, Reply<EngineStatus>)
  case stop
}

/// What the control thread asks of a lane's inbound half.
enum ReceiveCommand: Sendable {
  case setPeer(PeerIndex, LanePeer)
  case removePeer(PeerIndex)
  case install(PeerIndex, EstablishedSession)
  case forget(SessionID)
  case pathChanged(SessionID, at: Timestamp)
  case setRelay(RelayLink)
  case removeRelay(RelayLink.Key)
  /// Hear this extra socket, until it is closed.
  case hearSocket(UInt32, ExtraSockets.Socket)
  case closeSocket(UInt32)
  case setNAT64(NAT64Prefix?)
  /// A datagram that came to another lane.
  case passed(StrayDatagram)
  /// A datagram that came before its session was installed.
  case claimed(StrayDatagram)
  case status(EngineStatus, Reply<EngineStatus>)
  case stop
}

/// A copy of a datagram that a lane has no session for.
struct StrayDatagram: Sendable {
  /// Longer ones are dropped: handshakes are at most 1,200 bytes, and records that come before their
  /// session seldom exceed a usual MTU.
  static let byteLimit = 2048

  let bytes: [UInt8]
  let source: Endpoint
  let ecn: UInt8
}

/// What the lanes tell the control thread.
enum LaneMessage: Sendable {
  /// - lane: the index of the lane that tells.
  case event(TransmitEvent, lane: Int)
  case stray(StrayDatagram)
  case message(ReceiveOutput.Message)
  case stream(StreamEvent)
}

/// The ways into the lanes of an engine, and from one to the others.
struct Lanes: Sendable {
  let all: [LaneInboxes]
  /// What all of them tell the control thread.
  let control: Inbox<LaneMessage>

  init(count: Int) throws(SystemError) {
    var all: [LaneInboxes] = []
    for _ in 0..<count { all.append(try LaneInboxes()) }
    self.all = all
    control = try Inbox(limit: ControlLoop.laneMessageLimit)
  }

  var count: Int { all.count }

  /// The lane of a session's strand.
  func index(of id: SessionID) -> Int { id.strand % count }

  /// Hands a datagram that came by a carrier to whom it may concern.
  func take(_ datagram: [UInt8], from carrier: Carrier) {
    let stray = StrayDatagram(bytes: datagram, source: Endpoint(carrier), ecn: 0)
    switch DatagramKind(datagram.rawSpan) {
    case .record(_, let id):
      all[index(of: id)].receive.post(.passed(stray), isDispensable: true)
    case .relayed: all[0].receive.post(.passed(stray), isDispensable: true)
    default: control.post(.stray(stray), isDispensable: true)
    }
  }

  func transmit(_ command: TransmitCommand) {
    for lane in all { lane.transmit.post(command) }
  }

  func receive(_ command: ReceiveCommand) {
    for lane in all { lane.receive.post(command) }
  }
}

/// The ways into one lane.
struct LaneInboxes: Sendable {
  /// Commands that wait at most for either half, which only a stuck thread brings about.
  static let limit = 16_384

  let transmit: Inbox<TransmitCommand>
  let receive: Inbox<ReceiveCommand>
  let receptions: ReceptionBox

  init() throws(SystemError) {
    transmit = try Inbox(limit: Self.limit)
    receive = try Inbox(limit: Self.limit)
    receptions = ReceptionBox(waking: transmit.waker)
  }
}
