import IPv8Wire

/// Plaintexts that came in parts, until they are whole.
///
/// Parts are authentic and none comes twice; what does not fit together is forgotten.
struct Reassembly: ~Copyable {
  /// Plaintexts under way at once, in all and of one peer; a new one takes the place of the peer's oldest,
  /// or of the oldest of all.
  static let entryLimit = 64
  static let peerEntryLimit = 16
  /// Bytes of theirs.
  static let byteLimit = 256 << 10
  static let peerByteLimit = 64 << 10
  static let timeout = Interval.seconds(2)

  private struct Entry: Sendable {
    var peer: PeerIndex
    var session: SessionID
    var id: UInt16
    var total: Int
    var since: Timestamp
    var parts: InlineArray<4, (offset: Int, count: Int)>
    var partCount = 0
    var received = 0
    /// Of the slab.
    let slot: Int
  }

  /// Memory that costs nothing until it is used.
  private var slab = PacketSlab(
    slotCount: entryLimit,
    slotSize: PacketSlab.headroom + FragmentHeader.totalLimit + PacketSlab.tailroom, isZeroed: false
  )
  private var entries: [Entry] = []
  /// Entries beyond are free, each with its slot.
  private(set) var count = 0
  private(set) var byteCount = 0
  /// Plaintexts that never became whole.
  private(set) var dropped: UInt64 = 0

  /// Takes a part; returns whether a plaintext is whole: ``takeWhole(into:)`` gives it.
  mutating func take(
    _ header: FragmentHeader, _ part: RawSpan, of peer: PeerIndex, on session: SessionID,
    at now: Timestamp
  ) -> Int? {
    expire(at: now)
    guard let place = place(header, of: peer, on: session, at: now) else { return nil }
    let offset = Int(header.offset)
    guard entries[place].total == Int(header.total), isFree(offset, part.byteCount, in: place)
    else {
      drop(place)
      return nil
    }
    entries[place].parts[entries[place].partCount] = (offset, part.byteCount)
    entries[place].partCount += 1
    entries[place].received += part.byteCount
    var room = slab[range(place)]
    room.copy(part, to: offset)
    return entries[place].received == entries[place].total ? place : nil
  }

  /// Copies a whole plaintext and forgets it.
  mutating func takeWhole(_ place: Int, into room: inout MutableRawSpan) {
    room.copy(slab.contents(of: range(place)), to: 0)
    release(place)
  }

  private func range(_ place: Int) -> PacketRange {
    PacketRange(
      slot: entries[place].slot, offset: PacketSlab.headroom, length: entries[place].total)
  }

  /// Bytes of the plaintext at `place`.
  func total(_ place: Int) -> Int { entries[place].total }

  mutating func drop(_ place: Int) {
    dropped += 1
    release(place)
  }

  private func isFree(_ offset: Int, _ length: Int, in place: Int) -> Bool {
    guard entries[place].partCount < FragmentHeader.countLimit else { return false }
    for part in 0..<entries[place].partCount {
      let other = entries[place].parts[part]
      if offset < other.offset + other.count, other.offset < offset + length { return false }
    }
    return true
  }

  private mutating func place(
    _ header: FragmentHeader, of peer: PeerIndex, on session: SessionID, at now: Timestamp
  ) -> Int? {
    for place in 0..<count
    where entries[place].id == header.id && entries[place].session == session
      && entries[place].peer == peer
    {
      return place
    }
    let total = Int(header.total)
    makeRoom(total, for: peer)
    if count == entries.count {
      entries.append(
        Entry(
          peer: peer, session: session, id: 0, total: 0, since: now,
          parts: .init(repeating: (0, 0)),
          slot: count))
    }
    entries[count].peer = peer
    entries[count].session = session
    entries[count].id = header.id
    entries[count].total = total
    entries[count].since = now
    entries[count].partCount = 0
    entries[count].received = 0
    byteCount += total
    count += 1
    return count - 1
  }

  private mutating func makeRoom(_ total: Int, for peer: PeerIndex) {
    while true {
      var (own, ownBytes, oldestOwn, oldest) = (0, 0, 0, 0)
      for place in 0..<count {
        if entries[place].since < entries[oldest].since { oldest = place }
        guard entries[place].peer == peer else { continue }
        if own == 0 || entries[place].since < entries[oldestOwn].since { oldestOwn = place }
        own += 1
        ownBytes += entries[place].total
      }
      if own >= Self.peerEntryLimit || ownBytes + total > Self.peerByteLimit {
        drop(oldestOwn)
      } else if count >= Self.entryLimit || byteCount + total > Self.byteLimit {
        drop(oldest)
      } else {
        return
      }
    }
  }

  private mutating func expire(at now: Timestamp) {
    var place = 0
    while place < count {
      if now - entries[place].since >= Self.timeout { drop(place) } else { place += 1 }
    }
  }

  /// The last entry takes the place.
  private mutating func release(_ place: Int) {
    byteCount -= entries[place].total
    count -= 1
    if place != count { entries.swapAt(place, count) }
  }
}
