/// Memory for one batch of packets: `slotCount` slots of `slotSize` bytes in one allocation.
///
/// Owned by one thread; allocated once and reused, so that no packet costs an allocation. What lies
/// in it is told by ``PacketRange`` values that the reader of a descriptor appends to its list.
@safe
public struct PacketSlab: ~Copyable, @unchecked Sendable {
  /// Bytes kept free in front of what a descriptor reads into a slot: room for the datagram header
  /// and session id (12 bytes), or for the offload header (``OffloadHeader``, 10 bytes).
  public static let headroom = 32
  /// Bytes that a reader leaves free at the end of a slot: room for the AEAD tag.
  public static let tailroom = 16

  public let slotCount: Int
  public let slotSize: Int
  private let base: UnsafeMutableRawPointer

  /// - Parameters:
  ///   - slotSize: bytes per slot, head and tail room included.
  ///   - isZeroed: false for memory that is read only where a descriptor has written: it then costs
  ///     nothing until it is used.
  public init(slotCount: Int, slotSize: Int, isZeroed: Bool = true) {
    precondition(slotCount > 0 && slotSize > Self.headroom + Self.tailroom, "slots hold packets")
    self.slotCount = slotCount
    self.slotSize = slotSize
    unsafe base = .allocate(byteCount: slotCount * slotSize, alignment: 64)
    // So that no bytes of other memory can ever be sent.
    if isZeroed {
      unsafe base.initializeMemory(as: UInt8.self, repeating: 0, count: slotCount * slotSize)
    }
  }

  deinit { unsafe base.deallocate() }

  /// The bytes of `range`; traps unless it lies within its slot.
  public subscript(range: PacketRange) -> MutableRawSpan {
    @_lifetime(&self)
    mutating get {
      check(range)
      let start = unsafe base + (Int(range.slot) * slotSize + Int(range.offset))
      // Sound: `check` keeps the range inside the allocation, which lives as long as self, and the
      // exclusive access to self excludes a second span.
      let span = unsafe MutableRawSpan(_unsafeStart: start, byteCount: Int(range.length))
      return unsafe _overrideLifetime(span, mutating: &self)
    }
  }

  /// The bytes of `range` to be read only; traps unless it lies within its slot. Unlike a mutable
  /// span, which the compiler boxes on the heap when it is bound by `let`, it costs no allocation.
  @_lifetime(borrow self)
  public func contents(of range: PacketRange) -> RawSpan {
    check(range)
    let start = unsafe base + (Int(range.slot) * slotSize + Int(range.offset))
    // Sound: as above; while self is borrowed nobody can write.
    let span = unsafe RawSpan(_unsafeStart: start, byteCount: Int(range.length))
    return unsafe _overrideLifetime(span, borrowing: self)
  }

  /// The address of `range`, for system calls that fill or send it. Traps unless it lies within its
  /// slot; valid while the slab lives.
  @unsafe
  public func address(of range: PacketRange) -> UnsafeMutableRawPointer {
    check(range)
    return unsafe base + (Int(range.slot) * slotSize + Int(range.offset))
  }

  private func check(_ range: PacketRange) {
    precondition(
      range.slot >= 0 && range.slot < slotCount && range.offset >= 0 && range.length >= 0
        && Int(range.offset) + Int(range.length) <= slotSize, "range within its slot")
  }
}

/// Where a packet or datagram lies in a ``PacketSlab``.
public struct PacketRange: Equatable, Sendable {
  public var slot: Int32
  /// Bytes from the start of the slot.
  public var offset: Int32
  /// Bytes.
  public var length: Int32

  @inlinable
  public init(slot: Int, offset: Int, length: Int) {
    self.slot = Int32(slot)
    self.offset = Int32(offset)
    self.length = Int32(length)
  }

  /// The range that begins `front` bytes earlier and ends `back` bytes later.
  @inlinable
  public func grown(front: Int, back: Int) -> PacketRange {
    PacketRange(
      slot: Int(slot), offset: Int(offset) - front, length: Int(length) + front + back)
  }
}

/// What one receive call brought from one source: one datagram, or several of equal size (the last
/// may be shorter) that the kernel joined (UDP_GRO).
public struct DatagramTrain: Equatable, Sendable {
  public var range: PacketRange
  /// Bytes of each datagram but the last; equals the range's length where there is only one.
  public var segmentSize: Int32
  public var source: Endpoint
  /// The two ECN bits of the outer IP header (RFC 3168).
  public var ecn: UInt8

  public init(range: PacketRange, segmentSize: Int, source: Endpoint, ecn: UInt8) {
    self.range = range
    self.segmentSize = Int32(segmentSize)
    self.source = source
    self.ecn = ecn
  }
}

/// A datagram in a slab and where it goes.
public struct OutgoingDatagram: Equatable, Sendable {
  public var range: PacketRange
  public var destination: Endpoint
  /// The two ECN bits of the outer IP header (RFC 3168).
  public var ecn: UInt8

  public init(range: PacketRange, destination: Endpoint, ecn: UInt8 = 0) {
    self.range = range
    self.destination = destination
    self.ecn = ecn
  }
}
