import IPv8Control
import IPv8Wire
import Synchronization

/// A daemon in memory, with the rules of the address book.
final class FakeBackend: ControlBackend {
  private struct State {
    var peers: [PeerReport] = []
    var isDown = false
    var pathReadings = 0
    var pings: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())
  static let identity = IdentityReport(
    permID: String(repeating: "a", count: 52), address6: "fde8::1", name: "me")

  var isDown: Bool { state.withLock { $0.isDown } }
  /// Pings of "mute", which wait for ``answerMute()``.
  var waitingPings: Int { state.withLock { $0.pings.count } }

  func answerMute() {
    let pings = state.withLock { state in
      defer { state.pings = [] }
      return state.pings
    }
    for ping in pings { ping.resume() }
  }

  func version() async throws(ControlError) -> VersionReport { VersionReport(version: "9.9.9") }

  func identity() async throws(ControlError) -> IdentityReport { Self.identity }

  func peers() async throws(ControlError) -> [PeerReport] { state.withLock { $0.peers } }

  func status() async throws(ControlError) -> StatusReport { Samples.status }

  func records() async throws(ControlError) -> RecordsReport {
    let none = RecordsReport.Kind(count: 0, oldestMilliseconds: nil, newestMilliseconds: nil)
    return RecordsReport(
      peers: 2,
      bindings: RecordsReport.Kind(count: 1, oldestMilliseconds: 3, newestMilliseconds: 4),
      relations: none, contradictions: none, bytes: 5)
  }

  func exportRecords(after cursor: String?) async throws(ControlError) -> RecordPage {
    RecordPage(lines: ["after \(cursor ?? "nothing")"], next: cursor == nil ? "a&b" : nil)
  }

  func importRecords(_ records: RecordImport) async throws(ControlError) -> RecordImportReport {
    RecordImportReport(
      stored: records.lines.count,
      refused: [RecordImportReport.Refusal(line: records.firstLine, reason: "forged")])
  }

  func addPeer(
    _ permID: PermID, _ addition: PeerAddition
  ) async throws(ControlError) -> PeerReport {
    for endpoint in addition.endpoints where ToldAddress(text: endpoint) == nil {
      throw ControlError(.endpointMalformed, endpoint)
    }
    let report = PeerReport(
      permID: "\(permID)", name: addition.name ?? "", address6: "fde8::2",
      endpoints: addition.endpoints, keepOpen: addition.keepOpen ?? false)
    let isTaken = state.withLock { state in
      let isTaken = state.peers.contains {
        $0.name == addition.name && $0.permID != report.permID
      }
      if !isTaken {
        state.peers.removeAll { $0.permID == report.permID }
        state.peers.append(report)
      }
      return isTaken
    }
    if isTaken { throw ControlError(.nameTaken, addition.name ?? "") }
    return report
  }

  func removePeer(_ selector: PeerSelector) async throws(ControlError) {
    let removed = state.withLock { state in
      let count = state.peers.count
      state.peers.removeAll { $0.permID == selector.description || $0.name == selector.description }
      return state.peers.count < count
    }
    if !removed { throw ControlError(.peerUnknown, selector.description) }
  }

  func signRelations(
    _ wishes: [RelationWish]
  ) async throws(ControlError) -> [SignedRelationReport] {
    for wish in wishes where !(0...1).contains(wish.strength) {
      throw ControlError(.strengthInvalid, "\(wish.strength)")
    }
    return wishes.map {
      SignedRelationReport(
        permID: $0.permID, type: $0.type ?? 3, strength: $0.strength, timestampMilliseconds: 7,
        isNew: true)
    }
  }

  func ping(_ request: PingRequest) async throws(ControlError) -> PingReport {
    if request.peer == .name("mute") {
      await withCheckedContinuation { ping in state.withLock { $0.pings.append(ping) } }
    }
    guard request.peer != .name("eve") else {
      throw ControlError(.timeout, request.peer.description)
    }
    return PingReport(
      permID: String(repeating: "b", count: 51) + "a", name: "bob",
      rttMicroseconds: request.timeoutMilliseconds, path: .none)
  }

  func why(_ selector: PeerSelector) async throws(ControlError) -> WhyReport {
    guard selector == .name("bob") else { throw ControlError(.peerUnknown, selector.description) }
    return Samples.why
  }

  func paths() async throws(ControlError) -> [PathQualityReport] { [Samples.quality] }

  /// Of "bob"; of "large", more than a socket holds; of "brief", who is unknown when asked again; of
  /// sockets, whose local address must be `fde8::1`.
  func path(_ query: PathQuery) async throws(ControlError) -> PathQualityReport {
    let count = state.withLock { state in
      state.pathReadings += 1
      return state.pathReadings
    }
    switch query {
    case .peer(.name("bob")), .peer(.overlay), .peer(.alias), .peer(.permID):
      return Samples.quality
    case .peer(.name("large")):
      var report = Samples.quality
      report.name = String(repeating: "x", count: 4 << 20)
      report.permID = "large"
      return report
    case .peer(.name("brief")) where count == 1:
      var report = Samples.quality
      report.permID = "brief"
      return report
    case .peer(let selector): throw ControlError(.peerUnknown, selector.description)
    case .socket(let socket):
      guard "\(socket.local.address)" == Self.identity.address6 else {
        throw ControlError(.addressNotLocal, "\(socket.local.address)")
      }
      guard socket.local.port != 9 else { throw ControlError(.socketUnknown, "\(socket)") }
      return Samples.quality
    }
  }

  /// How often a single path was asked for.
  var pathReadings: Int { state.withLock { $0.pathReadings } }

  func netcheck(_ request: NetcheckRequest) async throws(ControlError) -> NetcheckReport {
    for server in request.servers where HostPort(text: server) == nil {
      throw ControlError(.endpointMalformed, server)
    }
    return Samples.netcheck
  }

  func down() async throws(ControlError) { state.withLock { $0.isDown = true } }
}

enum Samples {
  static let bob = Samples.permID(2)
  static let eve = Samples.permID(3)

  private static func permID(_ byte: UInt8) -> PermID {
    guard let permID = PermID([UInt8](repeating: byte, count: PermID.byteCount)) else {
      preconditionFailure("32 bytes make a PermID")
    }
    return permID
  }

  static let peer = PeerReport(
    permID: String(repeating: "b", count: 51) + "a", name: "bob", address6: "fde8::2",
    address4: "100.64.0.2", state: .open,
    path: PathReport(kind: .direct, endpoint: "192.0.2.1:41641", rttMicroseconds: 3217),
    endpoints: ["bob.example:41641"],
    binding: BindingReport(
      endpoints: ["192.0.2.1:41641"], timestampMilliseconds: 1_700_000_000_000, signed: true),
    keepOpen: true, suite: "AES-256-GCM", sentBytes: 1, receivedBytes: 2,
    lastHeardMilliseconds: 3, lossRatio: 0.5)

  static let why = WhyReport(
    permID: String(repeating: "b", count: 51) + "a", name: "bob",
    explanation: "bob is reached directly.",
    events: [WhyReport.Event(atMilliseconds: 1_700_000_000_000, what: "answers stopped")])

  static let quality = PathQualityReport(
    permID: bob.description, name: "bob", address6: "fde8::2", address4: "100.64.0.2",
    state: .open,
    path: PathReport(
      kind: .relayed, endpoint: "192.0.2.1:41641", via: "relay", viaName: "cleo",
      rttMicroseconds: 3217),
    rtt: RoundTripReport(
      minimumMicroseconds: 1, smoothedMicroseconds: 2, variationMicroseconds: 3,
      latestMicroseconds: 4),
    toPeer: TrafficReport(
      bytes: 5, bitsPerSecond: 6, arrivedRecords: 3, lostRecords: 1, lossRatio: 0.25,
      recentLossRatio: 0.5),
    fromPeer: TrafficReport(), lastHeardMicroseconds: 7,
    mtu: MTUReport(interfaceBytes: 1280, pathBytes: 1400),
    rate: RateQualityReport(
      congestionWindowBytes: 8, slowStartThresholdBytes: 9, inFlightBytes: 10,
      deliveryBitsPerSecond: 11, pacingBitsPerSecond: 12, availableBitsPerSecond: 13),
    queue: QueueReport(packets: 14, bytes: 15, delayMicroseconds: 16),
    otherWays: [
      WayReport(
        path: PathReport(kind: .direct, endpoint: "192.0.2.2:41641", rttMicroseconds: 17),
        ageMicroseconds: 18)
    ])

  static let netcheck = NetcheckReport(
    families: [
      FamilyReport(
        family: .ipv4, kind: .portRestrictedCone, local: "192.168.1.10:41641",
        external: "198.51.100.1:41641", externalAddress: "198.51.100.1",
        mapping: "endpointIndependent", filtering: "addressAndPortDependent", hairpin: false,
        ports: "sequential", portStep: 2, reportersAsked: 3, reportersAnswered: 2,
        dissenting: ["192.0.2.9:1"], unknown: ["hairpin": "why"])
    ], local: ["192.168.1.10:41641"], gateway4: "192.168.1.1", gateway6: "fe80::1",
    network: "00ff",
    portMapping: PortMappingReport(
      state: .mapped, madeBy: "pcp", external: "198.51.100.1:41641", reachable: true),
    lifetimes: LifetimeReport(
      unrepliedSeconds: 25, unrepliedDeadSeconds: 30, establishedSeconds: 115,
      establishedDeadSeconds: 125, absoluteSeconds: 600),
    measuringLifetimes: false, keepaliveMilliseconds: 92_000, unfinished: false)

  static let status = StatusReport(
    version: "9.9.9", permID: String(repeating: "a", count: 52), name: "me", interface: "ipv8",
    address6: "fde8::1", address4: "100.64.0.1", port: 41641, mtu: 1280, uptimeSeconds: 60,
    dataPath: DataPathReport(
      aead: ["AES-256-GCM"], lanes: 2, udpGSO: true, udpGRO: false, tunOffload: ["TCPv6"]),
    counters: ["dropped": 1, "accepted": 2], peers: [peer])
}
