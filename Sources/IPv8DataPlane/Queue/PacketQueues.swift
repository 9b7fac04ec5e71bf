import IPv8Wire

/// The queues of a lane's peers, and the memory that they share.
///
/// A queue exists while packets wait in it and for a while after; while none exists there is no memory
/// either.
struct PacketQueues: ~Copyable {
  /// What was not used for so long is given back.
  static let idleTime = Interval.seconds(10)

  private let hash: FlowHash
  private var memory: PacketMemory
  private var queues = PeerTable<FairQueue>()
  private var declared = DeclaredClasses()
  /// Peers with packets waiting, and maybe some that had.
  private(set) var listed: [PeerIndex] = []
  /// Which of them is first when packets may leave.
  private var turn = 0
  /// When a packet may leave; an earlier moment where that is to be found out.
  var departsAt = Timestamp.distantFuture
  /// When ``sweep(at:)`` has something to do.
  private(set) var sweepAt = Timestamp.distantFuture

  /// - Parameters:
  ///   - key: random, secret.
  ///   - capacity: bytes for all packets.
  init(key: (UInt64, UInt64), capacity: Int = PacketMemory.ceiling) {
    hash = FlowHash(key: (key.0, key.1))
    memory = PacketMemory(capacity: capacity)
  }

  /// Whether packets of the peer wait: others must wait behind them.
  func holds(_ index: PeerIndex) -> Bool {
    !listed.isEmpty && queues[index]?.isEmpty == false
  }

  /// Bytes and packets that wait for the peer.
  func backlog(of index: PeerIndex) -> (packets: Int, bytes: Int) {
    (queues[index]?.packetCount ?? 0, queues[index]?.byteCount ?? 0)
  }

  func report(of index: PeerIndex) -> LaneQueueReport {
    var report = LaneQueueReport()
    guard let queue = queues[index] else { return report }
    report.packets = queue.packetCount
    report.bytes = queue.byteCount
    report.delay = queue.lastDelay
    return report
  }

  func limit(of index: PeerIndex) -> Int { queues[index]?.limit ?? 0 }

  /// Bytes that are taken from the system.
  var memoryByteCount: Int { memory.isReleased ? 0 : memory.capacity }

  // MARK: In

  /// Puts the plaintext of a record into the queue of its peer; returns how many packets that costs.
  mutating func append(
    _ plaintext: RawSpan, isChunk: Bool, of index: PeerIndex, at now: Timestamp
  ) -> Int {
    let mark = isChunk ? 1 : 0
    let flow = FlowIdentity(plaintext.extracting(mark..<plaintext.byteCount))
    if queues[index] == nil { queues[index] = FairQueue() }
    var dropped = 0
    while memory.freeCount < PacketMemory.cellCount(plaintext.byteCount), let fat = fattest,
      queues[fat]?.dropOfFattest(in: &memory) == true
    {
      dropped += 1
    }
    guard let packet = memory.store(plaintext, at: now) else { return dropped + 1 }
    let kind = declared.kind(of: flow, of: index)
    queues[index]?.append(packet, kind, hash: hash.value(of: flow), in: &memory, at: now)
    if queues[index]?.isListed == false {
      queues[index]?.isListed = true
      listed.append(index)
    }
    sweepAt = min(sweepAt, now + Self.idleTime)
    while let queue = queues[index]?.excess, queue > 0,
      queues[index]?.dropOfFattest(in: &memory) == true
    {
      dropped += 1
    }
    return dropped
  }

  /// The peer whose packets take the most memory.
  private var fattest: PeerIndex? {
    var most = (index: PeerIndex?.none, bytes: 0)
    for index in listed {
      let bytes = queues[index]?.memoryCount ?? 0
      if bytes > most.bytes { most = (index, bytes) }
    }
    return most.index
  }

  // MARK: Out

  /// Bytes of the packet that leaves next, and of the largest one; nil where none waits.
  mutating func next(of index: PeerIndex) -> (length: Int, largest: Int)? {
    guard let length = queues[index]?.nextLength(in: memory) else { return nil }
    return (length, queues[index]?.largest ?? length)
  }

  /// Takes the packet that leaves next, and copies it to `offset` of the span that `room` makes for its
  /// length; nil where none is left.
  mutating func take(
    of index: PeerIndex, counters: inout LaneCounters, at now: Timestamp
  ) -> Int32? {
    queues[index]?.take(from: &memory, counters: &counters, at: now) ?? nil
  }

  /// Until then no packet of the peer is dropped or marked for having waited.
  mutating func excuse(_ index: PeerIndex, until end: Timestamp) {
    queues[index]?.excusedUntil = end
  }

  func length(_ packet: Int32) -> Int { memory.length(packet) }

  func copy(_ packet: Int32, into target: inout MutableRawSpan, at offset: Int) {
    memory.copy(packet, into: &target, at: offset)
  }

  func bytes(_ packet: Int32) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: length(packet))
    bytes.withMutableRawSpan { memory.copy(packet, into: &$0, at: 0) }
    return bytes
  }

  mutating func free(_ packet: Int32) { memory.free(packet) }

  // MARK: Classes

  /// Says what class a flow with the peer has, or without one what nothing else is said of; nil takes that
  /// back.
  mutating func declare(_ kind: TrafficClass?, for flow: DeclaredFlow?, of index: PeerIndex) {
    declared.set(kind, for: flow, of: index)
    queues[index]?.reclassify(by: declared, of: index, in: memory)
  }

  mutating func removeDeclared(of index: PeerIndex) { declared.removeAll(of: index) }

  // MARK: Turns

  /// The peer whose turn is the `number`th.
  func peer(_ number: Int) -> PeerIndex { listed[(turn + number) % listed.count] }

  /// Begins the next turns with the `number`th peer, and forgets those that have nothing waiting.
  mutating func finishTurns(next number: Int) {
    guard !listed.isEmpty else { return }
    let first = peer(number)
    var kept = 0
    for place in 0..<listed.count {
      let index = listed[place]
      guard queues[index]?.isEmpty == false else {
        queues[index]?.isListed = false
        continue
      }
      listed[kept] = index
      kept += 1
    }
    listed.removeLast(listed.count - kept)
    turn = listed.firstIndex(of: first) ?? 0
  }

  /// Something has changed that may let packets leave earlier.
  mutating func reconsider(at now: Timestamp) {
    if !listed.isEmpty { departsAt = min(departsAt, now) }
  }

  // MARK: End

  /// Drops all that waits for the peer; how many packets that was.
  mutating func remove(_ index: PeerIndex) -> Int {
    let count = queues[index]?.removeAll(in: &memory) ?? 0
    if let place = listed.firstIndex(of: index) { listed.remove(at: place) }
    turn = 0
    if queues[index] != nil { queues[index] = nil }
    return count
  }

  /// Gives back what has been idle.
  mutating func sweep(at now: Timestamp) {
    guard sweepAt <= now else { return }
    var isIdle = true
    for index in queues.indices {
      guard let queue = queues[index] else { continue }
      if queue.isEmpty, !queue.isListed, now - queue.usedAt >= Self.idleTime {
        queues[index] = nil
      } else {
        isIdle = false
      }
    }
    if isIdle { memory.release() }
    sweepAt = isIdle ? .distantFuture : now + Self.idleTime
  }
}
