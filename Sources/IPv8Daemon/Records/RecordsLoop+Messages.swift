import IPv8Crypto
import IPv8Directory
import IPv8Node
import IPv8Records
import IPv8Wire

extension RecordsLoop {
  private static let pairPersonal = [UInt8]("ipv8-pair-secret".utf8)

  mutating func perform(_ message: RecordsMessage, at now: Moment) {
    switch message {
    case .frame(let peer, let frame):
      directory.receive(frame.body, kind: frame.kind, from: peer, at: now)
    case .connected(let peer, let index): connect(peer, index, at: now)
    case .disconnected(let peer):
      connected[peer] = nil
      directory.disconnected(peer, at: now)
    case .learned(let binding):
      directory.offer(binding.bytes, from: .peer(binding.record.permID), at: now)
    case .own(let binding): offerOwn(binding, at: now)
    case .inquire(let peer): engine.post(.records(.judged(verdict(on: peer))))
    case .resolve(let address): resolve(address, at: now)
    case .setContact(let peer, let isContact):
      if isContact {
        directory.addContact(peer, at: now)
      } else {
        directory.removeContact(peer, at: now)
      }
    case .block(let peer, let isBlocked): directory.block(peer, isBlocked, at: now)
    case .signed(let relations):
      for relation in relations { directory.offer(relation.bytes, from: .own, at: now) }
    case .offer(let bytes, let reply): reply.send(directory.offer(bytes, from: .file, at: now))
    case .setPolicy(let policy):
      var settings = directory.settings
      settings.admission = policy
      directory.apply(settings, at: now)
      engine.post(.records(.policyChanged))
    case .policy(let reply): reply.send(directory.settings.admission)
    case .owner(let address, let reply): reply.send(directory.permID(at: address))
    case .explain(let peer, let reply): reply.send(directory.explain(peer))
    case .paths(let peer, let count, let reply):
      reply.send(directory.friendshipPaths(to: peer, count: count))
    case .summary(let reply): reply.send(summary)
    case .stop: stop()
    }
    carryOut()
  }

  /// Tells what the directory wants done to those who do it.
  mutating func carryOut() {
    for output in directory.takeOutputs() {
      switch output {
      case .send(let peer, let frame):
        let isTaken = connected[peer].map {
          lanes.all[0].transmit.post(.sendFrame($0, frame), isDispensable: true)
        }
        if isTaken == false { unsent += 1 }
      case .store(let changes): unwritten += UInt64(submit(changes))
      case .changed(let peer): engine.post(.records(.changed(verdict(on: peer))))
      case .resolved(let address, let peer):
        engine.post(.records(.resolved(address, peer.map { verdict(on: $0) })))
      }
    }
  }

  private func verdict(on peer: PermID) -> Verdict {
    Verdict(
      permID: peer,
      answer: Verdict.Answer(directory.standing(of: peer), directory.settings.admission),
      binding: directory.binding(of: peer))
  }

  private mutating func connect(_ peer: PermID, _ index: PeerIndex, at now: Moment) {
    // The same for both ends and for each session of theirs, and nobody else's.
    guard let key = peer.agreementPublicKey, let shared = identity.agreementKey.agree(with: key)
    else { return }
    let digest = BLAKE2b.hash([], count: 32, key: shared, personal: Self.pairPersonal)
    connected[peer] = index
    directory.connected(peer, pairSecret: SecretBytes(copying: digest.rawSpan), at: now)
    let waiting = held
    held = []
    for item in waiting { directory.resolve(item.address, at: now) }
  }

  /// Our own record; one that is older than what peers have of us is signed again.
  private mutating func offerOwn(_ binding: SignedBinding, at now: Moment) {
    let verdict = directory.offer(binding.bytes, from: .own, at: now)
    guard verdict == .older || verdict == .contradiction, let time = directory.ownBindingTimestamp
    else { return }
    engine.post(.records(.ownBinding(time)))
  }

  private mutating func resolve(_ address: OverlayAddress, at now: Moment) {
    guard directory.permID(at: address).flatMap({ directory.binding(of: $0) }) == nil,
      connected.isEmpty, held.count < Self.heldLimit
    else { return directory.resolve(address, at: now) }
    // Sessions are being opened with those who may know.
    held.append((address, now.boot + Self.heldTime))
  }

  mutating func giveUpHeld(at now: Moment) {
    let due = held.filter { $0.until <= now.boot }
    guard !due.isEmpty else { return }
    held.removeAll { $0.until <= now.boot }
    for item in due { directory.resolve(item.address, at: now) }
  }

  private var summary: RecordsSummary {
    let counters = directory.counters
    let size = directory.size
    var named: [(name: String, value: UInt64)] = [
      ("records.accepted", counters.accepted), ("records.evicted", counters.evicted),
      ("records.expired", counters.expired), ("records.verified", counters.verifications),
      ("records.contradictions", counters.contradictions),
      ("records.bindings", UInt64(size.bindings)), ("records.relations", UInt64(size.relations)),
      ("sync.sessions", counters.sessions), ("sync.equal", counters.equalSessions),
      ("sync.failed", counters.failedSessions), ("sync.bytesSent", counters.bytesSent),
      ("queries.sent", counters.queriesSent), ("queries.answered", counters.queriesAnswered),
      ("queries.passed", counters.queriesPassed), ("dropped.queries", counters.queriesDropped),
      ("dropped.recordChanges", unwritten), ("dropped.recordFrames", unsent),
    ]
    named += RecordRefusal.allCases.map {
      ("refused.record.\($0.rawValue)", counters.refused[$0] ?? 0)
    }
    return RecordsSummary(policy: directory.settings.admission, size: size, counters: named)
  }
}
