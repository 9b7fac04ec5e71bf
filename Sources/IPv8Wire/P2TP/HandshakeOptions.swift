/// The options of an unsealed datagram: type(1) ‖ length(2) ‖ value, each type once (protocol §1.2).
public struct HandshakeOptions: Equatable, Sendable {
  /// Bytes of a whole datagram with options.
  public static let datagramLimit = 1200
  static let optionHeader = 3

  /// Noise message 1.
  public var message1: [UInt8]?
  /// The initiator's session id and Noise message 2.
  public var message2: (initiator: SessionID, message: [UInt8])?
  /// 16 bytes; the level-2 token (protocol §1.4).
  public var token: [UInt8]?
  /// Bytes of padding, so that a request is no shorter than its reply.
  public var padding: Int?
  /// 16 bytes; BLAKE2b over all bytes before the option, always the last.
  public var mac1: [UInt8]?

  public init(
    message1: [UInt8]? = nil, message2: (initiator: SessionID, message: [UInt8])? = nil,
    token: [UInt8]? = nil, padding: Int? = nil
  ) {
    self.message1 = message1
    self.message2 = message2
    self.token = token
    self.padding = padding
  }

  public var isEmpty: Bool {
    message1 == nil && message2 == nil && token == nil && padding == nil && mac1 == nil
  }

  enum Kind {
    static let padding: UInt8 = 0x00
    static let message1: UInt8 = 0x01
    static let message2: UInt8 = 0x02
    static let token: UInt8 = 0x03
    static let mac1: UInt8 = 0x04
    /// Unknown types from here on are skipped; below they make the datagram invalid.
    static let firstOptional: UInt8 = 0x80
  }

  /// Bytes of the trailing MAC1 option.
  public static let mac1ByteCount = 16
  public static let mac1OptionByteCount = optionHeader + mac1ByteCount

  /// The options from `offset` to the end of `datagram`; nil where they are malformed: truncated,
  /// repeated, of a wrong length, unknown and mandatory, trailing bytes, MAC1 not last.
  public init?(_ datagram: RawSpan, from offset: Int) {
    guard datagram.byteCount <= Self.datagramLimit, offset <= datagram.byteCount else { return nil }
    var reader = ByteReader(datagram.extracting(offset..<datagram.byteCount))
    do throws(Truncated) {
      while reader.remaining > 0 {
        guard mac1 == nil else { return nil }
        let kind = try reader.integer(UInt8.self)
        let length = Int(try reader.integer(UInt16.self))
        guard accept(kind, try reader.array(length)) else { return nil }
      }
    } catch {
      return nil
    }
  }

  private mutating func accept(_ kind: UInt8, _ value: [UInt8]) -> Bool {
    switch kind {
    case Kind.padding where padding == nil: padding = value.count
    case Kind.message1 where message1 == nil: message1 = value
    case Kind.message2 where message2 == nil && value.count > SessionID.byteCount:
      let id = value.rawSpan.bigEndian(UInt32.self, at: 0)
      message2 = (SessionID(id), [UInt8](value.dropFirst(SessionID.byteCount)))
    case Kind.token where token == nil && value.count == 16: token = value
    case Kind.mac1 where value.count == Self.mac1ByteCount: mac1 = value
    case Kind.firstOptional...: break
    default: return false
    }
    return true
  }

  /// Appends the options, without MAC1: that one is computed over the datagram so far.
  public func append(to datagram: inout [UInt8]) {
    func append(_ kind: UInt8, _ value: [UInt8]) {
      datagram.append(kind)
      datagram.append(bigEndian: UInt16(value.count))
      datagram += value
    }
    if let padding { append(Kind.padding, [UInt8](repeating: 0, count: padding)) }
    if let message1 { append(Kind.message1, message1) }
    if let message2 {
      var value: [UInt8] = []
      value.append(bigEndian: message2.initiator.value)
      append(Kind.message2, value + message2.message)
    }
    if let token { append(Kind.token, token) }
  }

  /// Appends the MAC1 option with `mac`, computed over the datagram so far.
  public static func appendMAC1(_ mac: [UInt8], to datagram: inout [UInt8]) {
    precondition(mac.count == mac1ByteCount, "a 16-byte MAC")
    datagram.append(Kind.mac1)
    datagram.append(bigEndian: UInt16(mac1ByteCount))
    datagram += mac
  }

  public static func == (a: HandshakeOptions, b: HandshakeOptions) -> Bool {
    a.message1 == b.message1 && a.message2?.initiator == b.message2?.initiator
      && a.message2?.message == b.message2?.message && a.token == b.token
      && a.padding == b.padding && a.mac1 == b.mac1
  }
}
