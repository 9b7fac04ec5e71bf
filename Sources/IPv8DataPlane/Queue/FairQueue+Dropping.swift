import IPv8Wire

extension FairQueue {
  /// Bytes of the packet that would leave next; nil where none waits.
  mutating func nextLength(in memory: borrowing PacketMemory) -> Int? {
    guard let place = select() else { return nil }
    return memory.length(buckets[place].first)
  }

  /// The next packet to leave, which `memory` keeps on; those that CoDel drops on the way are freed and
  /// counted. Nil where none is left.
  mutating func take(
    from memory: inout PacketMemory, counters: inout LaneCounters, at now: Timestamp
  ) -> Int32? {
    while let place = select() {
      guard let packet = take(place, from: &memory, counters: &counters, at: now) else { continue }
      charge(place, memory.length(packet), at: now)
      return packet
    }
    return nil
  }

  /// RFC 8289 §5.5: a packet of the bucket after those that must go, or a marked one in their place.
  private mutating func take(
    _ place: Int, from memory: inout PacketMemory, counters: inout LaneCounters, at now: Timestamp
  ) -> Int32? {
    var (packet, mayDrop) = pull(place, from: &memory, counters: &counters, at: now)
    if buckets[place].codel.isDropping {
      buckets[place].codel.isDropping = mayDrop
      while let due = packet, buckets[place].codel.isDue(at: now) {
        buckets[place].codel.countDrop()
        if mark(due, in: &memory, counters: &counters) {
          buckets[place].codel.schedule()
          return due
        }
        drop(due, in: &memory, counters: &counters)
        (packet, mayDrop) = pull(place, from: &memory, counters: &counters, at: now)
        buckets[place].codel.isDropping = mayDrop
        if mayDrop { buckets[place].codel.schedule() }
      }
    } else if mayDrop, let due = packet {
      if !mark(due, in: &memory, counters: &counters) {
        drop(due, in: &memory, counters: &counters)
        (packet, _) = pull(place, from: &memory, counters: &counters, at: now)
      }
      buckets[place].codel.begin(at: now)
    }
    return packet
  }

  private mutating func pull(
    _ place: Int, from memory: inout PacketMemory, counters: inout LaneCounters, at now: Timestamp
  ) -> (packet: Int32?, mayDrop: Bool) {
    while true {
      let packet = pull(place, from: memory)
      let sojourn = packet < 0 ? nil : now - memory.since(packet)
      if let sojourn, sojourn > Self.lifetime {
        memory.free(packet)
        counters.queue += 1
        continue
      }
      if let sojourn { lastDelay = sojourn }
      let target = max(CoDel.target, rate.time(of: Self.quantum * 3 / 2) ?? .zero)
      let mayDrop = buckets[place].codel.mayDrop(
        now < excusedUntil ? nil : sojourn, backlog: Int(backlogs[place]), largest: Self.quantum,
        target: target, at: now)
      return (sojourn == nil ? nil : packet, mayDrop)
    }
  }

  private func mark(
    _ packet: Int32, in memory: inout PacketMemory, counters: inout LaneCounters
  ) -> Bool {
    let isMarked = memory.withHead(of: packet) { head in
      let isChunk = head.bigEndian(UInt8.self, at: 0) == Frame.chunkMark
      return CongestionMark.set(in: &head, at: isChunk ? 1 : 0)
    }
    if isMarked { counters.marked += 1 }
    return isMarked
  }

  private func drop(
    _ packet: Int32, in memory: inout PacketMemory, counters: inout LaneCounters
  ) {
    memory.free(packet)
    counters.delay += 1
  }

  // MARK: Too much

  /// Drops the packet that has waited the longest in the bucket that holds the most bytes; false where
  /// nothing waits.
  mutating func dropOfFattest(in memory: inout PacketMemory) -> Bool {
    var (fattest, most) = (0, Int32(0))
    for place in 0..<Self.bucketCount where backlogs[place] > most {
      (fattest, most) = (place, backlogs[place])
    }
    let packet = pull(fattest, from: memory)
    guard packet >= 0 else { return false }
    memory.free(packet)
    return true
  }

  /// Drops everything; how many packets that was.
  mutating func removeAll(in memory: inout PacketMemory) -> Int {
    let count = packetCount
    for place in 0..<Self.bucketCount {
      while case let packet = pull(place, from: memory), packet >= 0 { memory.free(packet) }
    }
    return count
  }
}
