import IPv8Crypto
import IPv8Wire

extension NetworkObserver {
  /// The user wants to know: checks anew, unless a check is under way.
  public mutating func checkNow(at now: Timestamp, into actions: inout [TraversalAction]) {
    guard !v4.isRunning, !v6.isRunning else { return }
    let earliest = lastCheck.map { $0 + Self.askedGap } ?? now
    checkDue = min(checkDue, max(now, earliest))
    if portMappingState == .unavailable { mapPort(at: now, into: &actions) }
  }

  /// Checks when the network has settled, and not too soon after the last time.
  mutating func schedule(at now: Timestamp) {
    let settled = now + Self.settling
    checkDue = max(settled, lastCheck.map { $0 + Self.checkGap } ?? settled)
  }

  /// Voices that could be asked now, in the family that has more.
  private var voices: Int {
    AddressFamily.allCases.map { family in
      Set(reporters(family).map(\.endpoint.address.neighbourhood)).count
    }.max() ?? 0
  }

  /// One voice tells where we are; two tell what that depends on, three who lies.
  mutating func checkIfMoreVoices(at now: Timestamp) {
    if voices > voicesAsked, voicesAsked < Self.voicesWanted { schedule(at: now) }
  }

  mutating func check(at now: Timestamp, into actions: inout [TraversalAction]) {
    checkDue = .distantFuture
    voicesAsked = voices
    // One that finds nobody to ask costs nothing, and must not keep the first reporter waiting.
    if voicesAsked > 0 { lastCheck = now }
    for family in AddressFamily.allCases { check(family, at: now, into: &actions) }
  }

  private mutating func check(
    _ family: AddressFamily, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard let local = network.endpoint(family) else { return }
    let reporters = reporters(family)
    let told = observations.filter { $0.observed.address.family == family }
    let entropy = Entropy(seed: entropy.secret(32))
    switch family {
    case .v4:
      v4.begin(
        local: local, reporters: reporters, told: told, entropy: entropy, at: now, into: &actions)
    case .v6:
      v6.begin(
        local: local, reporters: reporters, told: told, entropy: entropy, at: now, into: &actions)
    }
  }

  // MARK: Probes

  /// What peers are to have sent to us; each once.
  mutating func takeOrders() -> [ProbeOrder] { v4.takeOrders() + v6.takeOrders() }

  /// A peer had it sent.
  mutating func confirm(_ probe: ProbeOrder) {
    if probe.target.address.family == .v4 { v4.confirm(probe) } else { v6.confirm(probe) }
  }
}
