/// The eight bytes in front of every P2TP datagram (protocol §1.1).
///
///      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
///     +-+-+-----------------------------------------------------------+
///     |S|L| SOP=1: packet sequence       SOP=0: forward timestamp     |
///     +-+-+-----------------------------------------------------------+
///     |C|Y| forward (YTS=0) or returned (YTS=1) timestamp             |
///     +-+-+-----------------------------------------------------------+
public struct P2TPHeader: Equatable, Sendable {
  public static let byteCount = 8
  /// The 30 bits of each word's field.
  public static let fieldMask: UInt32 = 1 << 30 - 1
  static let stunCookie: UInt32 = 0x2112_a442

  public var word1: UInt32
  public var word2: UInt32

  @inlinable
  public init(word1: UInt32, word2: UInt32) {
    self.word1 = word1
    self.word2 = word2
  }

  /// - Parameters:
  ///   - first: packet sequence or forward timestamp; its low 30 bits count.
  ///   - second: forward or returned timestamp; its low 30 bits count.
  @inlinable
  public init(
    sop: Bool, lss: Bool = false, clr: Bool = false, yts: Bool = false, first: UInt32,
    second: UInt32
  ) {
    word1 = (sop ? 1 << 31 : 0) | (lss ? 1 << 30 : 0) | first & Self.fieldMask
    word2 = (clr ? 1 << 31 : 0) | (yts ? 1 << 30 : 0) | second & Self.fieldMask
  }

  /// Stream opened.
  @inlinable public var sop: Bool { word1 >> 31 == 1 }
  /// Loss seen: the receiver of data asks for a reduction.
  @inlinable public var lss: Bool { word1 >> 30 & 1 == 1 }
  /// Congestion window reduced: the sender of data answers LSS.
  @inlinable public var clr: Bool { word2 >> 31 == 1 }
  /// The second field is a returned timestamp.
  @inlinable public var yts: Bool { word2 >> 30 & 1 == 1 }
  @inlinable public var first: UInt32 { word1 & Self.fieldMask }
  @inlinable public var second: UInt32 { word2 & Self.fieldMask }

  public var bytes: [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: word1)
    bytes.append(bigEndian: word2)
    return bytes
  }
}

/// What a UDP payload on the P2TP port is, told by its first bytes alone. Total.
public enum DatagramKind: Equatable, Sendable {
  /// INIT or ANSWER: SOP=0, options behind the header.
  case opening(P2TPHeader)
  /// SOP=1 with session id 0: options behind header and session id.
  case openedOptions(P2TPHeader)
  /// SOP=1 with a session id: a sealed record.
  case record(P2TPHeader, SessionID)
  /// A datagram that a relay passes on (docs/protocol: relays): four bytes, then one of the others.
  case relayed(RelayTag)
  /// RFC 8489; it shares the port (protocol §1.1).
  case stun
  /// Anything else, dropped silently.
  case malformed

  /// Bytes of header and session id in front of a record's ciphertext; also its additional data.
  public static let recordPrefix = P2TPHeader.byteCount + SessionID.byteCount
  /// Bytes in front of a relayed datagram: the bits 01 and the tag.
  public static let relayPrefix = 4

  /// The first word of a datagram that a relay passes on under `tag`.
  @inlinable
  public static func relayWord(_ tag: RelayTag) -> UInt32 { 1 << 30 | tag.value }

  @inlinable
  public init(_ datagram: RawSpan) {
    guard datagram.byteCount >= P2TPHeader.byteCount else {
      self = .malformed
      return
    }
    let header = P2TPHeader(
      word1: datagram.bigEndian(UInt32.self, at: 0), word2: datagram.bigEndian(UInt32.self, at: 4))
    guard header.sop else {
      self = Self.unopened(header, byteCount: datagram.byteCount)
      return
    }
    guard datagram.byteCount >= Self.recordPrefix else {
      self = .malformed
      return
    }
    let id = SessionID(datagram.bigEndian(UInt32.self, at: P2TPHeader.byteCount))
    self = id == .none ? .openedOptions(header) : .record(header, id)
  }

  @usableFromInline
  static func unopened(_ header: P2TPHeader, byteCount: Int) -> DatagramKind {
    if header.lss {
      let holdsAnother = byteCount >= relayPrefix + P2TPHeader.byteCount
      return holdsAnother
        ? RelayTag(header.first).map(DatagramKind.relayed) ?? .malformed : .malformed
    }
    if header.word2 == P2TPHeader.stunCookie, byteCount >= 20 { return .stun }
    // INIT has a second field of 0, whatever its flags say; ANSWER must have YTS.
    return header.second == 0 || header.yts ? .opening(header) : .malformed
  }
}

/// A session as its receiver names it: 32 random bits, never 0 for a live session.
public struct SessionID: Hashable, Sendable {
  public static let byteCount = 4
  /// The id of datagrams that carry options instead of a sealed record.
  public static let none = SessionID(0)

  /// Strands that one session may have (docs/protocol: strands).
  public static let strandLimit = 16

  public let value: UInt32
  @inlinable
  public init(_ value: UInt32) { self.value = value }

  /// The id of the session's first strand, which stands for the session.
  public var base: SessionID { SessionID(value & ~UInt32(Self.strandLimit - 1)) }

  /// Which of the session's strands this is, 0...15.
  public var strand: Int { Int(value & UInt32(Self.strandLimit - 1)) }

  /// The id of strand `index` of the same session.
  public func strand(_ index: Int) -> SessionID {
    precondition((0..<Self.strandLimit).contains(index), "a strand of a session")
    return SessionID(base.value | UInt32(index))
  }
}

extension SessionID: CustomStringConvertible {
  public var description: String { String(value, radix: 16) }
}
