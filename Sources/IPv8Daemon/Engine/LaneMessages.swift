import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import P2TP

/// What the control thread asks of a lane's outbound half.
enum TransmitCommand: Sendable {
  case setPeer(PeerIndex, LanePeer)
  case removePeer(PeerIndex)
  case install(PeerIndex, EstablishedSession, sendOn: Bool)
  case retire(SessionID, tell: Bool)
  case setUnreachable(PeerIndex, Bool)
  case challengeAll
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
  /// A datagram that came before its session was installed.
  case claimed(StrayDatagram)
  case status(EngineStatus, Reply<EngineStatus>)
  case stop
}

/// A copy of a datagram that a lane has no session for.
struct StrayDatagram: Sendable {
  let bytes: [UInt8]
  let source: Endpoint
  let ecn: UInt8
}

/// What the lanes tell the control thread.
enum LaneMessage: Sendable {
  case event(TransmitEvent)
  case stray(StrayDatagram)
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
