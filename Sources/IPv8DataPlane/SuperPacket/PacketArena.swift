import IPv8Wire

/// Memory that a lane fills from front to back with what one batch becomes: sealed records on the
/// way out, joined packets on the way in. Reused for each batch.
public struct PacketArena: ~Copyable {
  /// Bytes at the front that keep headers aside while others take their place.
  static let scratch = 384
  /// Where in them a run keeps its headers, and which bits of them its segments share.
  static let runHeader = 128
  static let runMask = 256

  public var slab: PacketSlab
  public let capacity: Int
  var cursor = scratch

  /// - Parameter capacity: bytes.
  public init(capacity: Int) {
    self.capacity = capacity
    slab = PacketSlab(slotCount: 1, slotSize: capacity)
  }

  /// Forgets the batch.
  public mutating func reset() { cursor = Self.scratch }

  /// Copies `count` bytes within the arena.
  mutating func move(_ from: Int, _ count: Int, to: Int) {
    var all = self[0, capacity]
    all.move(from..<(from + count), to: to)
  }

  func fits(_ count: Int, at offset: Int) -> Bool { offset + count <= capacity }

  func range(_ offset: Int, _ count: Int) -> PacketRange {
    PacketRange(slot: 0, offset: offset, length: count)
  }

  /// `count` bytes to be read only.
  @_lifetime(borrow self)
  func contents(_ offset: Int, _ count: Int) -> RawSpan { slab.contents(of: range(offset, count)) }

  subscript(offset: Int, count: Int) -> MutableRawSpan {
    @_lifetime(&self)
    mutating get { slab[range(offset, count)] }
  }
}
