import IPv8Crypto
import IPv8Records
import IPv8Traversal
import IPv8Wire
import P2TP

/// What we sign about ourselves.
struct OwnBinding: Sendable {
  /// Signed anew at half of its lifetime.
  static let renewal = Interval.seconds(Int64(BindingRecord.lifetimeLimit) / 2)

  let name: String?
  /// Our own interfaces' endpoints, one of each family, as the daemon sees them.
  var local4: Endpoint?
  var local6: Endpoint?
  /// What was found out about the network that we are in.
  var network = NetworkView()
  /// The timestamp of the last record signed; the next one is later.
  var last: WallTime
  var signed: SignedBinding?
  var renewAt = Timestamp.distantFuture
  /// By way of whom we say that we can be reached; when that is looked at next, and was last.
  var rendezvous: [OverlayAddress] = []
  var rendezvousAt = Timestamp.distantFuture
  var rendezvousSetAt = Timestamp(nanoseconds: 0)

  init(name: String?, last: WallTime) {
    self.name = name
    self.last = last
  }
}

extension Node {
  /// Our own record as it stands; nil before ``setLocalEndpoints(v4:v6:at:into:)``.
  public var binding: SignedBinding? { ownBinding.signed }

  /// Tells the node which endpoints this host's own interfaces have; at the start and after each
  /// change.
  public mutating func setLocalEndpoints(
    v4: Endpoint?, v6: Endpoint?, at now: Moment, into actions: inout [NodeAction]
  ) {
    let isChange = ownBinding.signed != nil && (ownBinding.local4, ownBinding.local6) != (v4, v6)
    ownBinding.local4 = v4
    ownBinding.local6 = v6
    signOwnBindingIfChanged(at: now, into: &actions)
    if isChange { networkChanged(at: now, into: &actions) }
  }

  /// What is known of our network, for our record and for those who look for a way to us.
  public var network: NetworkView { ownBinding.network }

  /// Tells the node what was found out about the network; after each change.
  public mutating func setNetwork(
    _ network: NetworkView, at now: Moment, into actions: inout [NodeAction]
  ) {
    let before = (ownNAT, ownCandidates)
    ownBinding.network = network
    signOwnBindingIfChanged(at: now, into: &actions)
    if before != (ownNAT, ownCandidates) { retryPaths(at: now, into: &actions) }
  }

  mutating func signOwnBindingIfChanged(at now: Moment, into actions: inout [NodeAction]) {
    let (v4, v6) = ownEndpoints
    let record = ownBinding.signed?.record
    guard record?.endpoint4 != v4 || record?.endpoint6 != v6 || record?.nat != ownNAT.byte else {
      return
    }
    signOwnBinding(at: now, into: &actions)
    schedulePush(at: now, into: &actions)
  }

  /// Others have a record of ours that is as late as `time`: a copy of this host's state signed it, or
  /// the clock went back.
  public mutating func signLater(
    than time: WallTime, at now: Moment, into actions: inout [NodeAction]
  ) {
    guard ownBinding.last <= time, ownBinding.signed != nil,
      time.milliseconds <= now.wall.milliseconds + SignedBinding.futureLimit
    else { return }
    ownBinding.last = time
    signOwnBinding(at: now, into: &actions)
    schedulePush(at: now, into: &actions)
  }

  mutating func signOwnBinding(at now: Moment, into actions: inout [NodeAction]) {
    let (v4, v6) = ownEndpoints
    let time = max(now.wall, WallTime(milliseconds: ownBinding.last.milliseconds + 1))
    let record = BindingRecord(
      permID: permID, endpoint4: v4, endpoint6: v6, timestamp: time,
      flags: isPublic ? .publicNode : [], nat: ownNAT.byte, rendezvous: ownBinding.rendezvous,
      name: ownBinding.name)
    let signed = SignedBinding(signing: record, with: host.identity)
    ownBinding.last = time
    ownBinding.signed = signed
    ownBinding.renewAt = now.boot + OwnBinding.renewal
    host.binding = signed.bytes
    actions.append(.store(.binding(signed)))
  }

  /// Rules, for each family:
  /// - an interface's own global address, if there is one;
  /// - else a port that the gateway maps, or where unrelated others agree that they see us;
  /// - else what most peers see us at, those within our own networks left out;
  /// - else the interface's private address, good within its own network.
  private var ownEndpoints: (Endpoint?, Endpoint?) {
    func choose(_ local: Endpoint?, _ family: AddressFamily) -> Endpoint? {
      if let local, local.isGlobal { return local }
      if let outer = ownBinding.network.outer(family), outer.isUsable { return outer }
      var votes: [Endpoint: Int] = [:]
      for peer in peers.values {
        guard let seen = peer.observedUs, seen.address.family == family, seen.isUsable,
          !peer.isNearby, peer.kind.isTrusted
        else { continue }
        votes[seen, default: 0] += 1
      }
      // Ties go to the smaller text, so that the choice does not depend on the process.
      let best = votes.max {
        ($0.value, $1.key.description) < ($1.value, $0.key.description)
      }
      return best?.key ?? local
    }
    return (choose(ownBinding.local4, .v4), choose(ownBinding.local6, .v6))
  }
}
