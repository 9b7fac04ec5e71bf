import IPv8Crypto
import IPv8Sync
import IPv8Wire

/// The peers with sessions, and some that had one: so that what they did and how far they came is not
/// forgotten by a reconnection.
struct LinkTable: Sendable {
  private(set) var links: [PeerLink] = []
  private var places: [PermID: Int] = [:]
  private(set) var connectedCount = 0

  subscript(peer: PermID) -> Int? { places[peer] }

  subscript(index: Int) -> PeerLink {
    get { links[index] }
    _modify { yield &links[index] }
  }

  func peer(_ index: Int) -> PermID { links[index].peer }

  /// In the order in which they came.
  var connected: [Int] { links.indices.filter { links[$0].isConnected } }

  var deadline: Timestamp { links.reduce(.distantFuture) { min($0, $1.deadline) } }

  /// The peer's place, and whether it goes on where it was; nil where there are too many.
  mutating func connect(
    _ peer: PermID, salt: SyncSalt, isStranger: Bool, at now: Moment
  ) -> (index: Int, isResumed: Bool)? {
    if let index = places[peer] {
      let isSame = links[index].salt == salt
      if !links[index].isConnected { connectedCount += 1 }
      if isSame {
        links[index].isConnected = true
        links[index].lastUse = now.boot
      } else {
        links[index] = PeerLink(peer, salt: salt, isStranger: isStranger, at: now.boot)
      }
      return (index, isSame)
    }
    guard connectedCount < DirectoryLimits.links else { return nil }
    dropIdle(at: now)
    links.append(PeerLink(peer, salt: salt, isStranger: isStranger, at: now.boot))
    places[peer] = links.count - 1
    connectedCount += 1
    return (links.count - 1, false)
  }

  mutating func disconnect(_ index: Int, at now: Moment) {
    guard links[index].isConnected else { return }
    connectedCount -= 1
    links[index].isConnected = false
    links[index].lastUse = now.boot
    links[index].deadline = .distantFuture
  }

  mutating func remove(_ index: Int) {
    if links[index].isConnected { connectedCount -= 1 }
    places[links[index].peer] = nil
    links.swapAt(index, links.count - 1)
    links.removeLast()
    if index < links.count { places[links[index].peer] = index }
  }

  /// Makes room among those without a session: the one longest away goes, of such that are not barred
  /// where there is one.
  private mutating func dropIdle(at now: Moment) {
    guard links.count - connectedCount >= DirectoryLimits.idleLinks else { return }
    let idle = links.indices.filter { !links[$0].isConnected }
    let oldest = idle.min {
      let (a, b) = (links[$0], links[$1])
      let (isBarred, isOtherBarred) = (a.isBarred(at: now), b.isBarred(at: now))
      return isBarred != isOtherBarred ? isOtherBarred : a.lastUse < b.lastUse
    }
    if let oldest { remove(oldest) }
  }

  /// Whether one more signature of this peer's records may be checked.
  mutating func mayVerify(_ index: Int, at now: Moment) -> Bool {
    !links[index].isBarred(at: now) && links[index].verifications.take(at: now.boot)
  }

  mutating func noteForgery(_ index: Int, at now: Moment) {
    for scope in links[index].sessions.indices { links[index].sessions[scope].noteForgery(at: now) }
  }

  /// A record that the peer gave was dropped: a session finds it again.
  mutating func askAgain(_ peer: PermID, _ scope: SyncScope, at now: Timestamp) {
    guard let index = places[peer], links[index].isConnected else { return }
    links[index].schedules[Int(scope.rawValue)].tell(after: .seconds(2), at: now)
    links[index].deadline = min(links[index].deadline, now + .seconds(2))
  }

  /// True where the standing is another one than before. Who was a stranger gets the rates of others.
  mutating func note(_ standing: StandingClass, of index: Int, at now: Moment) -> Bool {
    if standing == .added || standing == .trusted { links[index].favour(at: now) }
    defer { links[index].standing = standing }
    return links[index].standing != standing
  }

  /// Sessions about a scope that this host began lately and that are not over.
  func askings(_ scope: SyncScope, at now: Timestamp) -> Int {
    let place = Int(scope.rawValue)
    return links.reduce(0) {
      let isAsking = $1.isConnected && $1.sessions[place].isAsking
      return $0
        + (isAsking && now - $1.schedules[place].begunAt < DirectoryLimits.askingTime ? 1 : 0)
    }
  }
}
