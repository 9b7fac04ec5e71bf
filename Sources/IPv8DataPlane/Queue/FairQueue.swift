import IPv8Wire

/// One peer's packets that may not leave yet: FQ-CoDel (RFC 8290) in three classes (docs/protocol/queue.md).
///
/// Flows are spread over buckets by a keyed hash. A class serves its buckets in turn, a quantum of bytes
/// each, those first that had nothing waiting (deficit round robin). In each bucket, packets are first in,
/// first out, and CoDel (RFC 8289) drops or marks those that waited too long. So no flow's packets are ever
/// reordered: a bucket is in one class at a time, chosen by the first packet that waits in it, and changes
/// it with all its packets.
struct FairQueue: Sendable {
  static let bucketCount = 1024
  /// Bytes that a bucket may send before the next one's turn.
  static let quantum = 1514
  /// Bytes that may wait, whatever the rate; and while it is not known yet; and at most.
  static let leastLimit = 64 << 10
  static let firstLimit = 1 << 20
  static let ceiling = 4 << 20
  /// What may wait takes twice so long to send.
  static let patience = CoDel.interval
  /// What waited longer is not sent, as where the peer was lost meanwhile.
  static let lifetime = TransmitterPeer.heldTime

  private static let none: Int32 = -1

  struct Bucket: Sendable {
    enum Place: Sendable { case idle, new, old }

    var first = none
    var last = none
    /// Bytes that it may still send in this turn.
    var deficit: Int32 = 0
    /// The one behind it in its list.
    var following = none
    var packetCount: Int32 = 0
    var place = Place.idle
    var kind = TrafficClass.normal
    /// Where it goes at the end of its turn: who had nothing waiting is interactive as long as one, and
    /// another class may have been declared.
    var later = TrafficClass.normal
    var codel = CoDel()
  }

  /// Buckets in the order of their turns.
  private struct List: Sendable {
    var first = none
    var last = none
  }

  private struct Class: Sendable {
    var packetCount = 0
    /// How long the packet that left last had waited.
    var lastDelay: Interval?
    /// Bytes that it may still send in this round.
    var credit = 0
  }

  var buckets = [Bucket](repeating: Bucket(), count: bucketCount)
  /// Bytes that wait in each bucket; apart, because all are compared to find the fattest.
  var backlogs = [Int32](repeating: 0, count: bucketCount)
  /// Of each class, the new ones and the old ones.
  private var lists = [List](repeating: List(), count: 2 * TrafficClass.count)
  private var classes = [Class](repeating: Class(), count: TrafficClass.count)
  var rate = ServiceRate()

  var packetCount = 0
  /// How long the packet that left last had waited.
  var lastDelay: Interval?
  var byteCount = 0
  /// Bytes of the memory that the packets take.
  var memoryCount = 0
  /// Of the largest packet since the queue was last empty.
  private(set) var largest = 0
  /// When the queue was last in use.
  private(set) var usedAt = Timestamp(nanoseconds: 0)
  /// Until then CoDel drops and marks nothing.
  var excusedUntil = Timestamp(nanoseconds: 0)
  /// Whether its lane looks at it when packets may leave.
  var isListed = false

  var isEmpty: Bool { packetCount == 0 }

  /// Bytes that may wait: what is sent in twice CoDel's interval, within bounds.
  var limit: Int {
    guard let rate = rate.bytesPerSecond else { return Self.firstLimit }
    let (patience, second) = (Self.patience * 2, Interval.seconds(1))
    let bytes = rate / Int(second.nanoseconds / patience.nanoseconds)
    return min(max(bytes, Self.leastLimit), Self.ceiling)
  }

  /// Bytes that wait beyond what may.
  var excess: Int { byteCount - limit }

  // MARK: In

  /// Takes a packet, which `memory` keeps, behind the others of its bucket.
  mutating func append(
    _ packet: Int32, _ kind: TrafficClass, hash: UInt64, in memory: inout PacketMemory,
    at now: Timestamp
  ) {
    if isEmpty {
      rate.begin(at: now)
      largest = 0
    }
    usedAt = now
    let place = Int(hash % UInt64(Self.bucketCount))
    let length = memory.length(packet)
    largest = max(largest, length)
    if buckets[place].place == .idle { enlist(place, kind, length) }
    if buckets[place].last == Self.none {
      buckets[place].first = packet
    } else {
      memory.setFollowing(buckets[place].last, packet)
    }
    buckets[place].last = packet
    buckets[place].packetCount += 1
    backlogs[place] += Int32(length)
    classes[buckets[place].kind.rawValue].packetCount += 1
    packetCount += 1
    byteCount += length
    memoryCount += PacketMemory.cellCount(length) * PacketMemory.cellSize
  }

  /// A bucket that had nothing waiting gets its first turn before those that had.
  private mutating func enlist(_ place: Int, _ kind: TrafficClass, _ length: Int) {
    let isPromoted = kind == .normal && length <= TrafficClass.smallByteCount
    buckets[place].kind = isPromoted ? .interactive : kind
    buckets[place].later = kind
    buckets[place].deficit = Int32(Self.quantum)
    push(place, .new)
  }

  // MARK: Out

  /// Removes the first packet of a bucket; -1 where there is none.
  mutating func pull(_ place: Int, from memory: borrowing PacketMemory) -> Int32 {
    let packet = buckets[place].first
    guard packet != Self.none else { return packet }
    let length = memory.length(packet)
    buckets[place].first = memory.following(packet)
    if buckets[place].first == Self.none { buckets[place].last = Self.none }
    buckets[place].packetCount -= 1
    backlogs[place] -= Int32(length)
    classes[buckets[place].kind.rawValue].packetCount -= 1
    packetCount -= 1
    byteCount -= length
    memoryCount -= PacketMemory.cellCount(length) * PacketMemory.cellSize
    return packet
  }

  /// Takes `length` bytes off what the bucket and its class may send.
  mutating func charge(_ place: Int, _ length: Int, at now: Timestamp) {
    buckets[place].deficit -= Int32(length)
    classes[buckets[place].kind.rawValue].credit -= length
    usedAt = now
    rate.add(length, at: now)
  }

  /// The bucket whose turn it is; it keeps its turn until it has been charged. Nil where nothing waits.
  mutating func select() -> Int? {
    // Buckets that have sent all they had leave their class: who comes back has nothing waiting.
    for kind in 0..<TrafficClass.count where classes[kind].packetCount == 0 {
      _ = select(in: kind)
    }
    guard !isEmpty else { return nil }
    while true {
      guard let kind = classes.firstIndex(where: { $0.packetCount > 0 && $0.credit > 0 }) else {
        startRound()
        continue
      }
      if let place = select(in: kind) { return place }
    }
  }

  private mutating func startRound() {
    for kind in 0..<TrafficClass.count {
      let share = (TrafficClass(rawValue: kind)?.weight ?? 1) * Self.quantum
      classes[kind].credit = min(classes[kind].credit + share, share)
    }
  }

  /// RFC 8290 §4.2. Nil where all that the class had waiting has gone to another.
  private mutating func select(in kind: Int) -> Int? {
    while true {
      let old = lists[2 * kind + 1].first
      let isNew = lists[2 * kind].first != Self.none
      let first = isNew ? lists[2 * kind].first : old
      guard first != Self.none else { return nil }
      let place = Int(first)
      if buckets[place].deficit <= 0 {
        buckets[place].deficit += Int32(Self.quantum)
        pop(place)
        change(place)
        push(place, .old)
      } else if buckets[place].first == Self.none {
        pop(place)
        if isNew, old != Self.none { push(place, .old) }
      } else {
        return place
      }
    }
  }

  /// A bucket that has sent a quantum without a pause is not what small packets were favoured for.
  private mutating func change(_ place: Int) {
    let (kind, later) = (buckets[place].kind, buckets[place].later)
    guard kind != later else { return }
    let count = Int(buckets[place].packetCount)
    classes[kind.rawValue].packetCount -= count
    classes[later.rawValue].packetCount += count
    buckets[place].kind = later
  }

  /// Other classes were declared: a bucket goes where its first packet belongs now.
  mutating func reclassify(
    by declared: DeclaredClasses, of index: PeerIndex, in memory: borrowing PacketMemory
  ) {
    for place in 0..<Self.bucketCount where buckets[place].first != Self.none {
      buckets[place].later = declared.kind(of: memory.flow(buckets[place].first), of: index)
    }
  }

  // MARK: Lists

  private func list(_ kind: TrafficClass, _ place: Bucket.Place) -> Int {
    2 * kind.rawValue + (place == .new ? 0 : 1)
  }

  private mutating func push(_ place: Int, _ kept: Bucket.Place) {
    let list = list(buckets[place].kind, kept)
    buckets[place].place = kept
    buckets[place].following = Self.none
    let last = lists[list].last
    if last == Self.none {
      lists[list].first = Int32(place)
    } else {
      buckets[Int(last)].following = Int32(place)
    }
    lists[list].last = Int32(place)
  }

  /// Takes the first bucket of its list out of it.
  private mutating func pop(_ place: Int) {
    let list = list(buckets[place].kind, buckets[place].place)
    let following = buckets[place].following
    lists[list].first = following
    if following == Self.none { lists[list].last = Self.none }
    buckets[place].place = .idle
  }
}
