/// The frame of RFC 6455 §5.2, of at most 64 KiB:
///
///     FIN(1 bit) RSV(3)=0 opcode(4) ‖ MASK(1) length(7) [‖ length(2)] [‖ mask(4)] ‖ payload
public struct WebSocketFrame: Sendable, Equatable {
  public enum Opcode: UInt8, Sendable {
    case continuation = 0
    case text, binary
    case close = 8
    case ping, pong

    /// Control frames are short and whole (RFC 6455 §5.5).
    public var isControl: Bool { rawValue >= 8 }
  }

  public static let controlLimit = 125
  /// Bytes in front of the payload, at most.
  public static let headerLimit = 8

  /// Whether the message ends with this frame.
  public let isFinal: Bool
  public let opcode: Opcode
  /// By which the payload is masked; nil where it is not.
  public let mask: UInt32?
  /// Where the payload is, in bytes from the start of the frame.
  public let payload: Range<Int>

  public enum Failure: Error, Equatable {
    /// More bytes are to come.
    case incomplete
    /// Bytes that begin no frame, or one that is longer than is taken.
    case malformed
  }

  /// Reads the frame at the start of `bytes`.
  ///
  /// - Parameter limit: bytes of a payload that is taken.
  public init(_ bytes: RawSpan, limit: Int) throws(Failure) {
    guard bytes.byteCount >= 2 else { throw .incomplete }
    let first = bytes.bigEndian(UInt8.self, at: 0)
    let second = bytes.bigEndian(UInt8.self, at: 1)
    guard first & 0x70 == 0, let opcode = Opcode(rawValue: first & 0x0f) else { throw .malformed }
    isFinal = first & 0x80 != 0
    self.opcode = opcode
    let isMasked = second & 0x80 != 0
    var length = Int(second & 0x7f)
    // Eight bytes of length are for longer payloads than are taken.
    guard length != 127 else { throw .malformed }
    var start = 2
    if length == 126 {
      guard bytes.byteCount >= 4 else { throw .incomplete }
      length = Int(bytes.bigEndian(UInt16.self, at: 2))
      start = 4
      // The shortest form alone (RFC 6455 §5.2).
      guard length > 125 else { throw .malformed }
    }
    guard length <= limit,
      !opcode.isControl || isFinal && length <= Self.controlLimit
    else { throw .malformed }
    if isMasked {
      guard bytes.byteCount >= start + 4 else { throw .incomplete }
      mask = bytes.bigEndian(UInt32.self, at: start)
      start += 4
    } else {
      mask = nil
    }
    guard bytes.byteCount >= start + length else { throw .incomplete }
    payload = start..<(start + length)
  }

  /// A whole message as one frame.
  ///
  /// - Parameters:
  ///   - payload: at most 65,535 bytes.
  ///   - mask: nil for a server's.
  public static func bytes(_ opcode: Opcode, _ payload: [UInt8], mask: UInt32?) -> [UInt8] {
    precondition(payload.count <= 0xffff, "a payload of at most 65,535 bytes")
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerLimit + payload.count)
    bytes.append(0x80 | opcode.rawValue)
    let flag: UInt8 = mask == nil ? 0 : 0x80
    if payload.count <= 125 {
      bytes.append(flag | UInt8(payload.count))
    } else {
      bytes.append(flag | 126)
      bytes.append(bigEndian: UInt16(payload.count))
    }
    guard let mask else { return bytes + payload }
    bytes.append(bigEndian: mask)
    bytes += payload
    apply(mask, to: &bytes, from: bytes.count - payload.count)
    return bytes
  }

  /// Masks or unmasks what follows `start` (RFC 6455 §5.3).
  public static func apply(_ mask: UInt32, to bytes: inout [UInt8], from start: Int) {
    var shift: UInt32 = 24
    for place in start..<bytes.count {
      bytes[place] ^= UInt8(truncatingIfNeeded: mask >> shift)
      shift = shift == 0 ? 24 : shift - 8
    }
  }
}
