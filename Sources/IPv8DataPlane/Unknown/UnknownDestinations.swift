import IPv8Wire

/// Packets to overlay addresses of nobody we know, while somebody else looks for who has them.
///
/// Rules:
/// - an address is asked about once, for three seconds; its first packets wait so long;
/// - one that nobody knows is refused at once for a second after that;
/// - so many addresses at once, so many questions a second: what is beyond is refused.
struct UnknownDestinations: Sendable {
  /// Addresses at once, packets of one, and their bytes in all.
  static let limit = 64
  static let packetLimit = 4
  static let byteLimit = 128 << 10
  static let patience = Interval.seconds(3)
  static let refusalTime = Interval.seconds(1)
  /// Questions a second, and at once.
  static let rate: Int64 = 20
  static let burst: Int64 = 64

  enum Outcome: Equatable {
    /// The packet waits; the address is to be asked about.
    case asked
    case waiting
    /// The packet waits no longer than others before it.
    case full
    case refused
  }

  private struct Entry {
    var packets: [[UInt8]] = []
    var end: Timestamp
    var isRefused = false
  }

  private var entries: [OverlayAddress: Entry] = [:]
  private var byteCount = 0
  private var allowance = TokenBucket(rate: rate, burst: burst)
  /// No entry ends earlier.
  private(set) var nextDeadline = Timestamp.distantFuture

  var count: Int { entries.count }

  mutating func add(
    _ packet: RawSpan, to address: OverlayAddress, at now: Timestamp
  ) -> Outcome {
    if let entry = entries[address], entry.end > now {
      guard !entry.isRefused else { return .refused }
      return keep(packet, for: address) ? .waiting : .full
    }
    guard entries[address] == nil, entries.count < Self.limit, allowance.take(at: now) else {
      return .refused
    }
    entries[address] = Entry(end: now + Self.patience)
    nextDeadline = min(nextDeadline, now + Self.patience)
    _ = keep(packet, for: address)
    return .asked
  }

  private mutating func keep(_ packet: RawSpan, for address: OverlayAddress) -> Bool {
    guard let count = entries[address]?.packets.count, count < Self.packetLimit,
      byteCount + packet.byteCount <= Self.byteLimit
    else { return false }
    byteCount += packet.byteCount
    entries[address]?.packets.append(packet.copyBytes())
    return true
  }

  /// Nobody has the address. Returns what waited.
  mutating func refuse(_ address: OverlayAddress, at now: Timestamp) -> [[UInt8]] {
    guard let entry = entries[address], !entry.isRefused else { return [] }
    release(entry)
    entries[address] = Entry(end: now + Self.refusalTime, isRefused: true)
    nextDeadline = min(nextDeadline, now + Self.refusalTime)
    return entry.packets
  }

  /// The address is a contact's by now. Returns what waited.
  mutating func take(_ address: OverlayAddress) -> [[UInt8]] {
    guard let entry = entries.removeValue(forKey: address) else { return [] }
    release(entry)
    return entry.packets
  }

  /// Returns what waited in vain.
  mutating func expire(at now: Timestamp) -> [[UInt8]] {
    guard nextDeadline <= now else { return [] }
    var refused: [[UInt8]] = []
    let due = entries.filter { $0.value.end <= now }
    for (address, entry) in due.sorted(by: { $0.key.value < $1.key.value }) {
      if entry.isRefused { entries[address] = nil } else { refused += refuse(address, at: now) }
    }
    nextDeadline = entries.values.map(\.end).min() ?? .distantFuture
    return refused
  }

  private mutating func release(_ entry: Entry) {
    byteCount -= entry.packets.reduce(0) { $0 + $1.count }
  }
}
