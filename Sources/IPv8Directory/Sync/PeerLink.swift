import IPv8Crypto
import IPv8Sync
import IPv8Wire

/// A peer with a session, or that had one: how far synchronisation with it is.
struct PeerLink: Sendable {
  let peer: PermID
  let salt: SyncSalt
  private var hasStrangersRates: Bool
  var isConnected = true
  var sessions: [SyncSession]
  var schedules: [ScopeSchedule]
  var queries = TokenBucket(rate: DirectoryLimits.queryRate, burst: DirectoryLimits.queryBurst)
  var verifications = TokenBucket(
    rate: DirectoryLimits.peerVerifications, burst: DirectoryLimits.peerVerificationBurst)
  var deadline = Timestamp.distantFuture
  var lastUse: Timestamp
  var standing = StandingClass.stranger

  init(_ peer: PermID, salt: SyncSalt, isStranger: Bool, at now: Timestamp) {
    self.peer = peer
    self.salt = salt
    lastUse = now
    hasStrangersRates = isStranger
    sessions = SyncScope.allCases.map {
      SyncSession(
        salt: salt, scope: $0.rawValue, limits: SyncLimits($0, isStranger: isStranger))
    }
    schedules = SyncScope.allCases.map { _ in ScopeSchedule() }
  }

  /// Begins anew with the rates of peers that are no strangers, where it had strangers' and is not barred.
  mutating func favour(at now: Moment) {
    guard hasStrangersRates, !isBarred(at: now) else { return }
    hasStrangersRates = false
    for scope in SyncScope.allCases {
      sessions[Int(scope.rawValue)] = SyncSession(
        salt: salt, scope: scope.rawValue, limits: SyncLimits(scope, isStranger: false))
      schedules[Int(scope.rawValue)].tell(after: .seconds(1), at: now.boot)
    }
    refreshDeadline(at: now)
  }

  mutating func refreshDeadline(at now: Moment) {
    guard isConnected else {
      deadline = .distantFuture
      return
    }
    deadline = sessions.reduce(.distantFuture) { min($0, $1.deadline(after: now)) }
    for (session, schedule) in zip(sessions, schedules) where !session.isAsking {
      deadline = min(deadline, schedule.due)
    }
  }

  func isBarred(at now: Moment) -> Bool { sessions.contains { $0.isBarred(at: now) } }
}

extension SyncLimits {
  /// Together 64 KiB/s to a peer, a quarter of it to a stranger.
  init(_ scope: SyncScope, isStranger: Bool) {
    self.init()
    let share: Int64 =
      switch scope {
      case .hot: 16_384
      case .bindings: 20_480
      case .relations: 20_480
      case .contradictions: 8_192
      }
    bytesPerSecond = isStranger ? share / 4 : share
    byteBurst = share
    if isStranger { recordsPerSecond = 20 }
    beginningPause = ScopeSchedule.pause
    attempts = 6
  }
}
