import IPv8Wire

/// Datagrams that wait for a stream to take them; short, because what waits is late.
///
/// By CoDel (RFC 8289): when datagrams have waited longer than `target` for `interval`, the oldest are
/// dropped, faster and faster, until they do not. What is short (acknowledgements, echoes,
/// keystrokes) is never dropped so. Order is kept: in P2TP a datagram that is late is lost.
public struct StreamQueue: Sendable {
  /// Bytes that wait; beyond it the oldest long ones are dropped.
  static let byteLimit = 256 << 10
  /// Bytes of a datagram that counts as short.
  static let shortLimit = 256
  /// RFC 8289 §4.2 and §4.3.
  static let target = Interval.milliseconds(5)
  static let interval = Interval.milliseconds(100)
  /// Less waiting than this is no queue (RFC 8289 §4.4).
  static let littleBytes = 1_500

  private struct Waiting {
    var bytes: [UInt8]
    let since: Timestamp
    var isLong: Bool { bytes.count > StreamQueue.shortLimit }
  }

  /// Those before `first` are gone.
  private var waiting: [Waiting] = []
  private var first = 0
  /// Bytes that wait.
  public private(set) var byteCount = 0
  /// Datagrams that were dropped, ever.
  public private(set) var dropped: UInt64 = 0
  /// When datagrams will have waited too long for an interval; nil while they do not.
  private var tooLongAt: Timestamp?
  private var isDropping = false
  private var dropAt = Timestamp(nanoseconds: 0)
  private var drops: Int64 = 0

  public init() {}

  public var isEmpty: Bool { first == waiting.count }

  public mutating func append(_ datagram: [UInt8], at now: Timestamp) {
    waiting.append(Waiting(bytes: datagram, since: now))
    byteCount += datagram.count
    while byteCount > Self.byteLimit { dropOldest() }
  }

  /// The oldest long one, or where there is none, the oldest.
  private mutating func dropOldest() {
    let place = waiting[first...].firstIndex(where: \.isLong) ?? first
    byteCount -= waiting[place].bytes.count
    waiting.remove(at: place)
    dropped += 1
  }

  /// Takes the next datagram that is to be sent.
  public mutating func next(at now: Timestamp) -> [UInt8]? {
    while let (datagram, isLate) = take(at: now) {
      guard datagram.count > Self.shortLimit, mustDrop(isLate: isLate, at: now) else {
        return datagram
      }
      dropped += 1
    }
    return nil
  }

  /// The oldest one, and whether datagrams have waited too long for an interval.
  private mutating func take(at now: Timestamp) -> (datagram: [UInt8], isLate: Bool)? {
    guard first < waiting.count else {
      tooLongAt = nil
      return nil
    }
    let oldest = waiting[first]
    waiting[first].bytes = []
    first += 1
    if first >= 64, first * 2 >= waiting.count {
      waiting.removeFirst(first)
      first = 0
    }
    byteCount -= oldest.bytes.count
    guard now - oldest.since >= Self.target, byteCount > Self.littleBytes else {
      tooLongAt = nil
      return (oldest.bytes, false)
    }
    let since = tooLongAt ?? now + Self.interval
    tooLongAt = since
    return (oldest.bytes, since <= now)
  }

  /// Whether the datagram just taken is one to drop (RFC 8289 §5.5).
  private mutating func mustDrop(isLate: Bool, at now: Timestamp) -> Bool {
    guard isLate else {
      isDropping = false
      return false
    }
    if isDropping {
      guard dropAt <= now else { return false }
      drops += 1
    } else {
      isDropping = true
      // Soon after the last time it begins where that ended.
      drops = now - dropAt < Self.interval * 16 && drops > 2 ? drops - 2 : 1
      dropAt = now
    }
    dropAt = dropAt + Interval(nanoseconds: Self.interval.nanoseconds / Self.root(drops))
    return true
  }

  /// The whole part of a square root, of numbers from 1.
  private static func root(_ number: Int64) -> Int64 {
    var root: Int64 = 1
    while (root + 1) * (root + 1) <= number { root += 1 }
    return root
  }
}
