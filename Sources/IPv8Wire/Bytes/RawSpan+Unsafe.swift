extension RawSpan {
  /// The big-endian integer at `offset`.
  ///
  /// Traps when fewer than `T.bitWidth / 8` bytes follow `offset`; parsers of network bytes check
  /// first or read through ``ByteReader``.
  @inlinable
  public func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, at offset: Int) -> T {
    precondition(
      offset >= 0 && offset <= byteCount - MemoryLayout<T>.size, "load within the span")
    // Sound: the precondition keeps the load inside the span, and every bit pattern is an integer.
    return unsafe T(bigEndian: unsafeLoadUnaligned(fromByteOffset: offset, as: T.self))
  }

  /// A copy of the bytes as an array.
  public func copyBytes() -> [UInt8] {
    // Sound: exactly `byteCount` bytes are initialised from a buffer that long.
    unsafe [UInt8](unsafeUninitializedCapacity: byteCount) { buffer, count in
      unsafe withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: $0) }
      count = byteCount
    }
  }
}

extension MutableRawSpan {
  /// The big-endian integer at `offset`; traps when it does not lie within the span.
  @inlinable
  public func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, at offset: Int) -> T {
    bytes.bigEndian(T.self, at: offset)
  }

  /// Stores `value` in network byte order at `offset`; traps when it does not fit in the span.
  @inlinable
  public mutating func storeBigEndian<T: FixedWidthInteger & BitwiseCopyable>(
    _ value: T, at offset: Int
  ) {
    precondition(
      offset >= 0 && offset <= byteCount - MemoryLayout<T>.size, "store within the span")
    storeBytes(of: value.bigEndian, toByteOffset: offset, as: T.self)
  }

  /// Copies `source` to `offset`; traps when it does not fit in the span.
  @inlinable
  public mutating func copy(_ source: RawSpan, to offset: Int) {
    precondition(
      offset >= 0 && offset <= byteCount && source.byteCount <= byteCount - offset,
      "copy within the span")
    // Sound: the precondition bounds the destination; the spans cannot overlap (exclusive access).
    unsafe withUnsafeMutableBytes { destination in
      unsafe source.withUnsafeBytes { bytes in
        guard let from = bytes.baseAddress, let to = destination.baseAddress else { return }
        unsafe (to + offset).copyMemory(from: from, byteCount: bytes.count)
      }
    }
  }
}

extension MutableRawSpan {
  /// Copies the bytes of `range` to `offset`, overlapping or not; traps unless both lie within.
  @inlinable
  public mutating func move(_ range: Range<Int>, to offset: Int) {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= byteCount && offset >= 0
        && range.count <= byteCount - offset, "move within the span")
    // Sound: the precondition bounds both ends; copyMemory allows them to overlap.
    unsafe withUnsafeMutableBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      unsafe (base + offset).copyMemory(from: base + range.lowerBound, byteCount: range.count)
    }
  }
}

extension [UInt8] {
  /// The array's bytes as a span.
  public var rawSpan: RawSpan {
    @_lifetime(borrow self)
    get {
      // Sound: UInt8 has no padding, which is what makes a raw view of other elements unsafe.
      let span = unsafe span.bytes
      return unsafe _overrideLifetime(span, borrowing: self)
    }
  }

  /// Appends `value` in network byte order.
  public mutating func append<T: FixedWidthInteger>(bigEndian value: T) {
    // Sound: all bytes of an integer are initialised.
    unsafe Swift.withUnsafeBytes(of: value.bigEndian) { unsafe append(contentsOf: $0) }
  }

  /// Calls `body` with the array's bytes as a mutable span.
  public mutating func withMutableRawSpan<Result, Failure: Error>(
    _ body: (inout MutableRawSpan) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var elements = mutableSpan
    // Sound: UInt8 has no padding and every bit pattern is a value.
    var bytes = unsafe elements.mutableBytes
    return try body(&bytes)
  }
}
