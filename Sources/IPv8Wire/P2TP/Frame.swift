/// One frame of a record's plaintext (protocol §2.5). A first byte 0x4x or 0x6x begins a raw IP
/// packet, which takes the rest.
public enum Frame: Equatable, Sendable {
  /// The rest is padding, or the record is empty.
  case end
  /// A raw IP packet: the range from here to the end of the plaintext.
  case packet(Range<Int>)
  /// An IP packet whose transport checksum covers the pseudo-header only so far: the record's seal
  /// vouches for it. The range takes the rest of the plaintext.
  case chunk(Range<Int>)
  /// A part of a longer plaintext, which is a packet or a chunk; it takes the rest.
  case fragment(FragmentHeader, Range<Int>)
  case feedback(Feedback)
  /// Asks for ``response`` from where it arrived: proves a path, measures it.
  case challenge(UInt64)
  case response(UInt64, observed: Endpoint)
  case close(reason: UInt8)
  /// The sender is from now on where this record comes from.
  case here
  /// What the deciding parts of two peers say to each other; the range is its body.
  case control(ControlFrame.Kind, Range<Int>)

  enum Kind {
    static let padding: UInt8 = 0x00
    static let feedback: UInt8 = 0x10
    static let challenge: UInt8 = 0x11
    static let response: UInt8 = 0x12
    static let close: UInt8 = 0x13
    static let here: UInt8 = 0x14
    static let chunk: UInt8 = 0x30
    static let fragment: UInt8 = 0x31
  }
}

/// Cumulative counts of one direction of a session, sent by the receiver of data (protocol §2.5).
public struct Feedback: Equatable, Sendable {
  public static let byteCount = 20
  /// ``flags``: all that was declared lost in the last event arrived after all.
  public static let spurious: UInt8 = 1
  /// Of a session in which nothing was received yet.
  public static let none = Feedback(
    highest: .max, received: 0, lost: 0, congestionExperienced: 0, hold: 0, flags: 0)

  /// The highest packet counter received, its low 32 bits.
  public var highest: UInt32
  /// Records received, modulo 2^32.
  public var received: UInt32
  /// Records declared lost, modulo 2^32.
  public var lost: UInt32
  /// Records that arrived with Congestion Experienced, modulo 2^32.
  public var congestionExperienced: UInt32
  /// How long the timestamp returned in this record was held, in units of 16 µs, saturating.
  public var hold: UInt16
  /// ``spurious``, or nothing.
  public var flags: UInt8

  public init(
    highest: UInt32, received: UInt32, lost: UInt32, congestionExperienced: UInt32, hold: UInt16,
    flags: UInt8
  ) {
    self.highest = highest
    self.received = received
    self.lost = lost
    self.congestionExperienced = congestionExperienced
    self.hold = hold
    self.flags = flags
  }
}

/// A control frame: its kind, two bytes of length, its body. Those of unknown kinds are skipped.
public struct ControlFrame: Sendable, Equatable {
  public struct Kind: RawRepresentable, Hashable, Sendable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    init(_ value: UInt8) { rawValue = value }
  }

  static let kinds: ClosedRange<UInt8> = 0x20...0x2f
  /// Longer ones are not sent: a record with one must fit a path of 1,280 bytes.
  public static let bodyLimit = 1100

  public let kind: Kind
  public let body: [UInt8]

  public init(_ kind: Kind, body: [UInt8]) {
    self.kind = kind
    self.body = body
  }

  /// Kind, length, body.
  public var bytes: [UInt8] {
    precondition(Self.kinds.contains(kind.rawValue) && body.count <= Self.bodyLimit)
    var bytes = [kind.rawValue]
    bytes.append(bigEndian: UInt16(body.count))
    return bytes + body
  }
}

extension ControlFrame.Kind {
  /// The sender's own signed binding, after it changed.
  public static let binding = Self(0x20)
  /// docs/protocol: introductions.
  public static let call = Self(0x21)
  public static let called = Self(0x22)
  public static let refused = Self(0x23)
  public static let release = Self(0x24)
  /// docs/protocol: traversal.
  public static let probe = Self(0x25)
  /// docs/protocol: synchronisation.
  public static let sync = Self(0x26)
  /// docs/protocol: directory. Whose address is it, and where is its owner.
  public static let query = Self(0x27)
  public static let answer = Self(0x28)
}

/// Walks the frames of a plaintext. Total: what cannot be parsed ends the walk with nil.
public struct FrameReader: ~Escapable {
  private let plaintext: RawSpan
  private var reader: ByteReader

  @_lifetime(copy plaintext)
  public init(_ plaintext: RawSpan) {
    self.plaintext = plaintext
    reader = ByteReader(plaintext)
  }

  /// The next frame, ``Frame/end`` behind the last; nil where the bytes are malformed.
  public mutating func next() -> Frame? {
    guard reader.remaining > 0 else { return .end }
    let start = reader.offset
    do throws(Truncated) {
      let kind = try reader.integer(UInt8.self)
      switch kind {
      case Frame.Kind.padding: return .end
      case 0x40...0x4f, 0x60...0x6f: return .packet(start..<plaintext.byteCount)
      case Frame.Kind.chunk: return .chunk((start + 1)..<plaintext.byteCount)
      case Frame.Kind.fragment:
        guard let header = try FragmentHeader(&reader) else { return nil }
        return .fragment(header, reader.offset..<plaintext.byteCount)
      case Frame.Kind.feedback: return .feedback(try feedback())
      case Frame.Kind.challenge: return .challenge(try reader.integer(UInt64.self))
      case Frame.Kind.response:
        let token = try reader.integer(UInt64.self)
        return .response(token, observed: try endpoint())
      case Frame.Kind.close: return .close(reason: try reader.integer(UInt8.self))
      case Frame.Kind.here: return .here
      case ControlFrame.kinds: return .control(ControlFrame.Kind(kind), try body())
      default: return nil
      }
    } catch {
      return nil
    }
  }

  private mutating func feedback() throws(Truncated) -> Feedback {
    let feedback = Feedback(
      highest: try reader.integer(UInt32.self), received: try reader.integer(UInt32.self),
      lost: try reader.integer(UInt32.self),
      congestionExperienced: try reader.integer(UInt32.self),
      hold: try reader.integer(UInt16.self), flags: try reader.integer(UInt8.self))
    _ = try reader.integer(UInt8.self)
    return feedback
  }

  private mutating func body() throws(Truncated) -> Range<Int> {
    try reader.range(Int(try reader.integer(UInt16.self)))
  }

  private mutating func endpoint() throws(Truncated) -> Endpoint {
    let mapped = try reader.integer(UInt128.self)
    let port = try reader.integer(UInt16.self)
    let address: IPAddress =
      mapped >> 32 == 0xffff
      ? .v4(IPv4Address(UInt32(truncatingIfNeeded: mapped))) : .v6(IPv6Address(mapped))
    return Endpoint(address, port: port)
  }
}

extension Frame {
  /// The byte in front of a ``chunk(_:)``'s packet.
  public static let chunkMark = Kind.chunk

  /// Bytes that the frames of a record without a packet have at least: a RESPONSE then is no longer than
  /// the record with its CHALLENGE (docs/protocol: records).
  public static let leastByteCount = 36
  /// And those of one with a CHALLENGE that is no answer: so that both a RESPONSE and the other's own
  /// CHALLENGE may answer it.
  public static let leastAskingByteCount = 100
  /// And those of one with HERE: the other's CHALLENGE may get lost some times.
  public static let leastHereByteCount = 484

  /// Fills the frames of a record without a packet up to `count` bytes.
  public static func pad(_ frames: inout [UInt8], to count: Int = leastByteCount) {
    frames.append(contentsOf: repeatElement(Kind.padding, count: max(0, count - frames.count)))
  }

  /// Appends the frame's bytes; ``packet``, ``chunk``, ``fragment`` and ``end`` have none of their own,
  /// and a ``ControlFrame`` writes itself.
  public func append(to bytes: inout [UInt8]) {
    switch self {
    case .end, .packet, .chunk, .fragment, .control: break
    case .feedback(let feedback):
      bytes.append(Kind.feedback)
      bytes.append(bigEndian: feedback.highest)
      bytes.append(bigEndian: feedback.received)
      bytes.append(bigEndian: feedback.lost)
      bytes.append(bigEndian: feedback.congestionExperienced)
      bytes.append(bigEndian: feedback.hold)
      bytes.append(feedback.flags)
      bytes.append(0)
    case .challenge(let token):
      bytes.append(Kind.challenge)
      bytes.append(bigEndian: token)
    case .response(let token, let observed):
      bytes.append(Kind.response)
      bytes.append(bigEndian: token)
      bytes.append(bigEndian: observed.address.mapped)
      bytes.append(bigEndian: observed.port)
    case .close(let reason):
      bytes.append(Kind.close)
      bytes.append(reason)
    case .here: bytes.append(Kind.here)
    }
  }
}
