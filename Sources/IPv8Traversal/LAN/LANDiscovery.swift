import IPv8Crypto
import IPv8Wire

/// Finds contacts in the networks that this host lies in, without anybody's help
/// (docs/protocol/lan.md).
///
/// Rules:
/// - Announced: after a change of the networks or contacts, twice; then once in about ten minutes.
/// - Nothing is answered. Who recognises a contact knocks at it, which only the contact understands.
/// - Only what comes from a network of ours counts.
/// - Tags of an epoch that our clock does not agree with are looked up, too, though seldom: either
///   clock may be wrong, and there may be nobody to ask for the time.
public struct LANDiscovery: Sendable {
  /// UDP, of the user range.
  public static let port: UInt16 = 46_808
  /// ff12::fde8: transient, link-local (RFC 4291 §2.7).
  public static let group = IPv6Address(0xff12 << 112 | 0xfde8)

  /// Networks that are announced to; further ones are left out.
  public static let networkLimit = 16
  /// After a change: many contacts or addresses come at once.
  static let settling = Interval.milliseconds(50)
  /// The second announcement after a change.
  static let repetition = Interval.seconds(1)
  /// The further ones, a quarter earlier or later.
  static let period = Interval.seconds(600)
  /// Announcements at once, and how soon one more may follow.
  static let burst: Int64 = 6
  static let refill = Interval.seconds(15)
  /// How long after the last announcement a search for a contact makes one.
  static let searchGap = Interval.seconds(60)
  /// Epochs whose tags are held: our own with its neighbours, and some of other clocks.
  static let ownEpochs: UInt32 = 1
  static let foreignTableLimit = 2
  /// How soon one more epoch of another clock is computed.
  static let foreignGap = Interval.seconds(5)
  /// Endpoints of one contact that are told within `hearing`; more are passed over.
  static let endpointLimit = 4
  static let hearing = Interval.milliseconds(500)

  private struct Recognised {
    let index: PeerIndex
    let mask: UInt16
  }

  private let permID: PermID
  private let p2tpPort: UInt16
  private var random: SeededRandom
  private var contacts: [PermID: PeerIndex] = [:]
  private var networks: [LANNetwork] = []
  /// Whose tag is whose, by epoch.
  private var tables: [UInt32: [UInt64: Recognised]] = [:]
  /// The epochs of other clocks among them, the oldest first.
  private var foreign: [UInt32] = []
  private var foreignAt: Timestamp?
  private var ownEpoch: UInt32 = 0
  private var heard: [PeerIndex: [(endpoint: Endpoint, at: Timestamp)]] = [:]
  private var allowance = TokenBucket(interval: refill, burst: burst)
  private var announcedAt: Timestamp?
  /// The next announcement, and whether it is the first of two.
  private var announceAt = Timestamp.distantFuture
  private var isChange = false

  /// - Parameters:
  ///   - port: ours, where P2TP is spoken.
  ///   - seed: for jitter.
  public init(permID: PermID, port: UInt16, seed: UInt64) {
    self.permID = permID
    p2tpPort = port
    random = SeededRandom(seed: seed)
  }

  // MARK: What changes

  /// Adds a contact, which may be in our networks already.
  public mutating func add(_ contact: PermID, _ index: PeerIndex, at now: Timestamp) {
    guard contacts.updateValue(index, forKey: contact) != index else { return }
    for epoch in tables.keys { enter(contact, index, in: epoch) }
    announceSoon(at: now)
  }

  public mutating func remove(_ contact: PermID) {
    guard let index = contacts.removeValue(forKey: contact) else { return }
    heard[index] = nil
    for epoch in tables.keys { tables[epoch]?[LANTag(of: contact, in: epoch).tag] = nil }
  }

  private mutating func enter(_ contact: PermID, _ index: PeerIndex, in epoch: UInt32) {
    let tag = LANTag(of: contact, in: epoch)
    tables[epoch, default: [:]][tag.tag] = Recognised(index: index, mask: tag.mask)
  }

  /// The networks of this host's interfaces, the overlay's own left out.
  public mutating func setNetworks(_ networks: [LANNetwork], at now: Timestamp) {
    let networks = Array(networks.prefix(Self.networkLimit))
    guard networks != self.networks else { return }
    self.networks = networks
    announceSoon(at: now)
  }

  /// Somebody asks for a contact that is not open: it may have missed us, or we it.
  public mutating func search(at now: Timestamp) {
    guard announcedAt.map({ now - $0 >= Self.searchGap }) ?? true else { return }
    announceAt = min(announceAt, now + jitter(Self.settling))
  }

  private mutating func announceSoon(at now: Timestamp) {
    isChange = true
    announceAt = min(announceAt, now + Self.settling + jitter(Self.settling))
  }

  // MARK: Time

  public var nextDeadline: Timestamp { networks.isEmpty ? .distantFuture : announceAt }

  public mutating func advance(to now: Moment, into actions: inout [LANAction]) {
    guard nextDeadline <= now.boot else { return }
    guard allowance.take(at: now.boot) else {
      announceAt = now.boot + Self.refill
      return
    }
    announcedAt = now.boot
    let wait = isChange ? Self.repetition : Self.period * 3 / 4
    announceAt = now.boot + wait + jitter(isChange ? Self.settling : Self.period / 2)
    isChange = false
    let epoch = LANTag.epoch(at: now.wall)
    let own = LANTag(of: permID, in: epoch)
    let announcement = LANAnnouncement(
      maskedPort: p2tpPort ^ own.mask, epoch: epoch, tag: own.tag)
    for network in networks { actions.append(.send(announcement.bytes, to: network.everybody)) }
  }

  private mutating func jitter(_ range: Interval) -> Interval {
    Interval(nanoseconds: Int64(random.next() % UInt64(max(1, range.nanoseconds))))
  }

  // MARK: What others announce

  public mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, at now: Moment, into actions: inout [LANAction]
  ) {
    guard let announcement = LANAnnouncement(datagram),
      networks.contains(where: { $0.contains(source) }),
      let known = recognise(announcement, at: now)
    else { return }
    let port = announcement.maskedPort ^ known.mask
    guard port != 0 else { return }
    let endpoint = Endpoint(source.address, port: port, scope: source.scope)
    guard isNews(endpoint, of: known.index, at: now.boot) else { return }
    actions.append(.discovered(known.index, endpoint))
  }

  private mutating func recognise(
    _ announcement: LANAnnouncement, at now: Moment
  ) -> Recognised? {
    let epoch = announcement.epoch
    forgetOldEpochs(at: now.wall)
    if let table = tables[epoch] { return table[announcement.tag] }
    guard agrees(epoch) || admitsForeign(epoch, at: now.boot) else { return nil }
    tables[epoch] = [:]
    for (contact, index) in contacts { enter(contact, index, in: epoch) }
    return tables[epoch]?[announcement.tag]
  }

  private mutating func forgetOldEpochs(at time: WallTime) {
    let epoch = LANTag.epoch(at: time)
    guard epoch != ownEpoch else { return }
    ownEpoch = epoch
    tables = tables.filter { agrees($0.key) || foreign.contains($0.key) }
  }

  /// Whether another clock shows nearly the same as ours: one epoch apart at most.
  private func agrees(_ epoch: UInt32) -> Bool {
    min(epoch &- ownEpoch, ownEpoch &- epoch) <= Self.ownEpochs
  }

  /// Makes room for the tags of another clock's epoch; false where that was done just now.
  private mutating func admitsForeign(_ epoch: UInt32, at now: Timestamp) -> Bool {
    guard foreignAt.map({ now - $0 >= Self.foreignGap }) ?? true else { return false }
    foreignAt = now
    foreign.removeAll { $0 == epoch }
    foreign.append(epoch)
    if foreign.count > Self.foreignTableLimit { tables[foreign.removeFirst()] = nil }
    return true
  }

  /// Whether to tell this endpoint: it was not told just now, nor too many others.
  private mutating func isNews(
    _ endpoint: Endpoint, of index: PeerIndex, at now: Timestamp
  ) -> Bool {
    var recent = (heard[index] ?? []).filter { now - $0.at < Self.hearing }
    defer { heard[index] = recent }
    guard recent.count < Self.endpointLimit, !recent.contains(where: { $0.endpoint == endpoint })
    else { return false }
    recent.append((endpoint, now))
    return true
  }
}

/// What discovery wants done.
public enum LANAction: Sendable, Equatable {
  /// Send these bytes from the discovery socket of the destination's family.
  case send([UInt8], to: Endpoint)
  /// A contact, or who has recorded its announcements, is at this endpoint.
  case discovered(PeerIndex, Endpoint)
}
