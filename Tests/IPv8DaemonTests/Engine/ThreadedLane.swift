import IPv8DataPlane
import IPv8Platform
import IPv8Wire
import P2TP

@testable import IPv8Daemon

/// A lane on two threads, with queues in memory where the daemon has a TUN device and sockets.
struct ThreadedLane: Sendable {
  /// More than a test sends.
  static let queueLimit = 100_000
  static let batch = 64
  static let slotSize = 2048

  /// What happened on both threads, once they have ended.
  struct Outcome: Sendable {
    var report = LanePeerReport()
    var counters = LaneCounters()
    var receptions = 0
    var faults: [String] = []
  }

  enum Token {
    static let queue = EventLoop.Token(1)
    static let inbox = EventLoop.Token(2)
  }

  let host: TestHost
  let inboxes: LaneInboxes
  /// Packets of local programs.
  let packets: Inbox<[UInt8]>
  /// Datagrams of the peer.
  let wire: Inbox<[UInt8]>
  let delivered: Delivered

  init(_ host: TestHost, expecting count: Int) throws {
    self.host = host
    inboxes = try LaneInboxes()
    packets = try Inbox(limit: Self.queueLimit)
    wire = try Inbox(limit: Self.queueLimit)
    delivered = Delivered(count: count)
  }

  func start(
    with peer: ThreadedLane, session: EstablishedSession, in threads: inout ThreadGroup
  ) throws {
    let known = LanePeer(
      address: peer.host.address, alias: nil, wireAlias: peer.host.wireAlias, keepOpen: false)
    let transmit = try TransmitSide(self, to: peer, known, session)
    try threads.start(name: "tx-\(host.number)", state: transmit) {
      var side = $0
      side.run()
    }
    let receive = try ReceiveSide(self, from: peer, known, session)
    try threads.start(name: "rx-\(host.number)", state: receive) {
      var side = $0
      side.run()
    }
  }
}
