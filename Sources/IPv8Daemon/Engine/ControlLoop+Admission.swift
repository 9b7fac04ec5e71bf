import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Wire
import P2TP

/// What the control thread keeps of peers that the user did not add.
struct AdmissionState: Sendable {
  /// A line of the log for each class of refusals, so often at most.
  static let logInterval = Interval.seconds(10)
  /// Addresses that are being asked about.
  static let seekLimit = 256
  static let seekTime = Interval.seconds(3)
  /// Sessions that are opened to ask by, if there are fewer.
  static let askedPeers = 3

  /// Peers of which the records thread knows that their session is open.
  var connected: [PeerIndex: PermID] = [:]
  /// Peers of which a session opened or ended since it was told.
  var touched: Set<PeerIndex> = []
  var sought: [OverlayAddress: Timestamp] = [:]
  var logged: [AdmissionRefusal: (at: Timestamp, more: Int)] = [:]
}

extension ControlLoop {
  // MARK: Sessions

  /// Tells the records thread whose sessions opened and ended.
  mutating func tellConnections() {
    guard !admission.touched.isEmpty else { return }
    for index in admission.touched.sorted(by: { $0.value < $1.value }) {
      guard node.state(of: index) == .open, let permID = node.contact(index)?.permID else {
        forgetConnection(index)
        continue
      }
      guard admission.connected[index] == nil else { continue }
      admission.connected[index] = permID
      records.post(.connected(permID, index))
    }
    admission.touched = []
  }

  mutating func forgetConnection(_ index: PeerIndex) {
    guard let permID = admission.connected.removeValue(forKey: index) else { return }
    records.post(.disconnected(permID))
  }

  /// Takes what a peer says about records. False where it speaks of something else.
  func hearRecords(_ message: ReceiveOutput.Message) -> Bool {
    switch message.frame.kind {
    case .sync, .query, .answer:
      if let permID = admission.connected[message.peer] {
        records.post(.frame(permID, message.frame), isDispensable: true)
      }
      return true
    default: return false
    }
  }

  /// Whether what the peer says of this host's network counts.
  func isTrusted(_ index: PeerIndex) -> Bool { node.kind(of: index)?.isTrusted == true }

  // MARK: Unknown addresses

  /// Packets wait for who has this address, or another peer names it.
  mutating func seek(_ address: OverlayAddress, at now: Moment) {
    if let since = admission.sought[address], now.boot - since < AdmissionState.seekTime { return }
    if admission.sought.count >= AdmissionState.seekLimit {
      admission.sought = admission.sought.filter { now.boot - $0.value < AdmissionState.seekTime }
    }
    guard admission.sought.count < AdmissionState.seekLimit else {
      lanes.transmit(.refuseUnknown(address))
      return
    }
    admission.sought[address] = now.boot
    records.post(.resolve(address))
    askAround(at: now)
  }

  /// Opens sessions with contacts that may know, where there are few.
  private mutating func askAround(at now: Moment) {
    var missing = AdmissionState.askedPeers - admission.connected.count
    for index in node.contactIndices
    where missing > 0 && node.kind(of: index) == .added && node.state(of: index) == .idle {
      node.callUnlessOpen(index, at: now, into: &actions)
      missing -= 1
    }
  }

  // MARK: What the records say

  mutating func take(_ news: RecordsNews, at now: Moment) {
    switch news {
    case .judged(let verdict): judge(verdict, at: now)
    case .changed(let verdict):
      if node.index(of: verdict.permID) != nil {
        judge(verdict, at: now)
      } else {
        node.forgetRefusal(of: verdict.permID)
      }
    case .resolved(let address, let verdict): resolved(address, verdict, at: now)
    case .policyChanged:
      node.forgetRefusals()
      for index in node.uninvited {
        if let permID = node.contact(index)?.permID { records.post(.inquire(permID)) }
      }
    case .ownBinding(let time): node.signLater(than: time, at: now, into: &actions)
    }
    carryOut(at: now)
  }

  private mutating func resolved(_ address: OverlayAddress, _ verdict: Verdict?, at now: Moment) {
    admission.sought[address] = nil
    guard let verdict, case .letIn(let kind) = verdict.answer, kind.isLetIn,
      let index = judge(verdict, at: now)
    else {
      lanes.transmit(.refuseUnknown(address))
      return
    }
    node.callUnlessOpen(index, at: now, into: &actions)
  }

  /// Lets a peer in, takes it as a stranger, or ends what there was with it. Nil where it is not known
  /// after that.
  @discardableResult
  private mutating func judge(_ verdict: Verdict, at now: Moment) -> PeerIndex? {
    if let index = node.index(of: verdict.permID), node.kind(of: index) == .added {
      learn(verdict, at: now)
      return index
    }
    switch verdict.answer {
    case .refused(let reason):
      if let index = node.index(of: verdict.permID) {
        log(reason, of: verdict.permID, at: now.boot)
        node.removeContact(index, at: now, into: &actions)
        carryOut(at: now)
      }
      node.refuse(verdict.permID, reason, at: now)
      return nil
    case .letIn(let kind):
      guard let index = node.admit(verdict.contact, as: kind, at: now, into: &actions) else {
        carryOut(at: now)
        return nil
      }
      carryOut(at: now)
      let peer = LanePeer(
        address: OverlayAddress(of: verdict.permID), alias: nil,
        wireAlias: AliasRange.wireAlias(of: verdict.permID), keepOpen: false,
        isStranger: node.kind(of: index) == .stranger)
      lanes.receive(.setPeer(index, peer))
      lanes.transmit(.setPeer(index, peer))
      declareAll(of: verdict.permID)
      learn(verdict, at: now)
      return index
    }
  }

  private mutating func learn(_ verdict: Verdict, at now: Moment) {
    if let binding = verdict.binding { node.learn(binding, at: now, into: &actions) }
    carryOut(at: now)
  }

  // MARK: The log

  /// One line for a class of refusals in ten seconds, with the number of those in between.
  mutating func log(_ reason: AdmissionRefusal, of permID: PermID, at now: Timestamp) {
    let last = admission.logged[reason]
    if let last, now - last.at < AdmissionState.logInterval {
      admission.logged[reason] = (last.at, last.more + 1)
      return
    }
    admission.logged[reason] = (now, 0)
    let more = last.map(\.more) ?? 0
    journal.tell(
      "peer \(permID) refused: \(reason.text)" + (more > 0 ? "; \(more) more since" : ""))
  }
}

extension AdmissionRefusal {
  /// In words, for the log.
  var text: String {
    switch self {
    case .notAdded: "not added, and nobody else is let in"
    case .blocked: "blocked"
    case .strangers: "as many strangers are heard as may be"
    case .inquiries: "too many unknown peers call"
    }
  }
}
