import IPv8Wire

/// Where a lane's queued packets lie: cells of equal size, each packet in a chain of them.
///
/// Taken from the system in one piece when the first packet comes, of which pages cost nothing before they
/// are written; the cell given back last is given out first, so that few are. Given back by ``release()``.
struct PacketMemory: ~Copyable {
  static let cellSize = 256
  /// Of all packets of a lane.
  static let ceiling = 16 << 20
  private static let none: Int32 = -1

  /// A packet is known by the first of its cells.
  private struct Cell {
    var next = none
    /// Of a packet's first cell:
    var following = none
    var length: Int32 = 0
    var since = Timestamp(nanoseconds: 0)
  }

  /// Bytes of all cells.
  let capacity: Int
  private var slab = Self.nothing()
  /// The cells that were ever in use.
  private var cells: [Cell] = []
  private var firstFree = none
  private(set) var freeCount: Int

  init(capacity: Int = ceiling) {
    self.capacity = capacity
    freeCount = capacity / Self.cellSize
  }

  private static func nothing() -> PacketSlab { PacketSlab(slotCount: 1, slotSize: 64) }

  static func cellCount(_ byteCount: Int) -> Int { (byteCount + cellSize - 1) / cellSize }

  /// Whether nothing is kept and nothing taken from the system.
  var isReleased: Bool { cells.isEmpty }

  /// Gives the memory back; nothing must be kept in it.
  mutating func release() {
    slab = Self.nothing()
    cells = []
    firstFree = Self.none
    freeCount = capacity / Self.cellSize
  }

  // MARK: Packets

  /// Keeps `bytes`, which must be some; nil where there is no room.
  mutating func store(_ bytes: RawSpan, at now: Timestamp) -> Int32? {
    let count = Self.cellCount(bytes.byteCount)
    guard count > 0, count <= freeCount else { return nil }
    if cells.isEmpty {
      slab = PacketSlab(slotCount: 1, slotSize: capacity, isZeroed: false)
      cells.reserveCapacity(capacity / Self.cellSize)
    }
    let packet = takeCell()
    cells[Int(packet)].length = Int32(bytes.byteCount)
    cells[Int(packet)].since = now
    var (cell, offset) = (packet, 0)
    while true {
      let end = min(offset + Self.cellSize, bytes.byteCount)
      var room = slab[Self.range(cell, end - offset)]
      room.copy(bytes.extracting(offset..<end), to: 0)
      offset = end
      guard offset < bytes.byteCount else { break }
      let next = takeCell()
      cells[Int(cell)].next = next
      cell = next
    }
    return packet
  }

  private mutating func takeCell() -> Int32 {
    freeCount -= 1
    guard firstFree != Self.none else {
      cells.append(Cell())
      return Int32(cells.count - 1)
    }
    let cell = firstFree
    firstFree = cells[Int(cell)].next
    cells[Int(cell)] = Cell()
    return cell
  }

  mutating func free(_ packet: Int32) {
    var last = packet
    freeCount += 1
    while cells[Int(last)].next != Self.none {
      last = cells[Int(last)].next
      freeCount += 1
    }
    cells[Int(last)].next = firstFree
    firstFree = packet
  }

  func length(_ packet: Int32) -> Int { Int(cells[Int(packet)].length) }

  func since(_ packet: Int32) -> Timestamp { cells[Int(packet)].since }

  /// The packet behind it in its bucket; -1 where there is none.
  func following(_ packet: Int32) -> Int32 { cells[Int(packet)].following }

  mutating func setFollowing(_ packet: Int32, _ next: Int32) {
    cells[Int(packet)].following = next
  }

  func flow(_ packet: Int32) -> FlowIdentity {
    let head = slab.contents(of: Self.range(packet, min(length(packet), Self.cellSize)))
    let isChunk = head.bigEndian(UInt8.self, at: 0) == Frame.chunkMark
    return FlowIdentity(head.extracting((isChunk ? 1 : 0)..<head.byteCount))
  }

  /// The packet's first bytes, its IP header among them.
  mutating func withHead<Result>(
    of packet: Int32, _ body: (inout MutableRawSpan) -> Result
  ) -> Result {
    var head = slab[Self.range(packet, min(length(packet), Self.cellSize))]
    return body(&head)
  }

  /// Copies the packet to `offset` of `target`.
  func copy(_ packet: Int32, into target: inout MutableRawSpan, at offset: Int) {
    var (cell, done) = (packet, 0)
    let length = length(packet)
    while done < length {
      let count = min(Self.cellSize, length - done)
      target.copy(slab.contents(of: Self.range(cell, count)), to: offset + done)
      done += count
      cell = cells[Int(cell)].next
    }
  }

  private static func range(_ cell: Int32, _ count: Int) -> PacketRange {
    PacketRange(slot: 0, offset: Int(cell) * cellSize, length: count)
  }
}
