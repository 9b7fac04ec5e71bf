/// The bytes ended before the value did.
public struct Truncated: Error, Equatable {
  public init() {}
}

/// Reads big-endian values from the front of a span. Total: it throws ``Truncated``, never traps.
public struct ByteReader: ~Escapable {
  private let bytes: RawSpan

  /// Bytes consumed so far.
  public private(set) var offset = 0

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) { self.bytes = bytes }

  /// Bytes not yet consumed.
  public var remaining: Int { bytes.byteCount - offset }

  public mutating func integer<T: FixedWidthInteger & BitwiseCopyable>(
    _: T.Type
  ) throws(Truncated) -> T {
    let size = MemoryLayout<T>.size
    guard remaining >= size else { throw Truncated() }
    defer { offset += size }
    return bytes.bigEndian(T.self, at: offset)
  }

  /// The range of the next `count` bytes, which are skipped.
  public mutating func range(_ count: Int) throws(Truncated) -> Range<Int> {
    guard count >= 0, remaining >= count else { throw Truncated() }
    defer { offset += count }
    return offset..<(offset + count)
  }

  /// A copy of the next `count` bytes.
  public mutating func array(_ count: Int) throws(Truncated) -> [UInt8] {
    let range = try range(count)
    return bytes.extracting(range).copyBytes()
  }
}
