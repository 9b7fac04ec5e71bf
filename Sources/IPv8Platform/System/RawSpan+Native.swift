import IPv8Wire

extension RawSpan {
  /// The integer at `offset` in the machine's byte order; nil when it does not lie within the span.
  func native<T: FixedWidthInteger & BitwiseCopyable>(_: T.Type, at offset: Int) -> T? {
    guard offset >= 0, offset <= byteCount - MemoryLayout<T>.size else { return nil }
    return bigEndian(T.self, at: offset).bigEndian
  }
}
