import IPv8Crypto
import IPv8Wire
import P2TP

extension Transmitter {
  public func report(_ index: PeerIndex, at now: Timestamp) -> LanePeerReport {
    var report = LanePeerReport()
    guard let peer = peers[index] else { return report }
    report.endpoint = peer.path?.current
    report.toPeer = peer.toPeer.report(at: now)
    report.fromPeer = peer.fromPeer.report(at: now)
    report.lastHeard = peer.lastHeard
    report.queue = queues.report(of: index)
    report.otherWays = peer.path?.otherWays ?? []
    if let id = peer.sending, let place = sessions.place(of: id) {
      report.isOpen = true
      report.rate = sessions[place].rateReport
      report.pathMTU = peer.path?.pathMTU
      report.suite = sessions[place].suite.name
      report.roundTrip = sessions[place].roundTrip
      report.lossRatio = sessions[place].lossRatio
    }
    return report
  }
}

extension PeerPath {
  /// All proven ways but the current one, the latest proven first.
  fileprivate var otherWays: [LanePeerReport.Way] {
    proven.filter { $0.endpoint != current }.sorted { $0.at > $1.at }.map {
      LanePeerReport.Way(endpoint: $0.endpoint, roundTrip: $0.roundTrip, provenAt: $0.at)
    }
  }
}

extension AEADSuite {
  /// The name of RFC 5116's registry.
  public var name: String {
    switch self {
    case .chaCha20Poly1305: "AEAD_CHACHA20_POLY1305"
    case .aes256GCM: "AEAD_AES_256_GCM"
    }
  }
}
