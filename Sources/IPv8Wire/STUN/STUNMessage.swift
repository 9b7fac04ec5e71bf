/// A STUN message (RFC 8489) with the attributes that a Binding needs, those of NAT behaviour
/// discovery (RFC 5780), and those of its forerunner (RFC 3489).
///
///      0                   1                   2                   3
///     |0 0|  type, 14 bits            |  bytes behind the header      |
///     |  magic cookie 0x2112a442                                      |
///     |  transaction id, 96 bits                                      |
///     |  attributes: type(2) ‖ length(2) ‖ value ‖ padding to 4       |
public struct STUNMessage: Equatable, Sendable {
  public static let headerByteCount = 20
  public static let bindingMethod: UInt16 = 1
  /// Comprehension-required attributes that a parsed message names in ``unknownRequired``.
  public static let unknownLimit = 8

  public enum Class: UInt16, Sendable {
    case request, indication, success, error
  }

  public var messageClass: Class
  /// 12 bits.
  public var method: UInt16
  public var transaction: STUNTransaction
  /// MAPPED-ADDRESS: where the request came from, in clear.
  public var mapped: Endpoint?
  /// XOR-MAPPED-ADDRESS: the same, obscured on the wire.
  public var xorMapped: Endpoint?
  public var changeRequest: STUNChange?
  /// Where the response was sent from.
  public var responseOrigin: Endpoint?
  /// The server's other address and other port.
  public var otherAddress: Endpoint?
  /// SOURCE-ADDRESS and CHANGED-ADDRESS: RFC 3489's names of the two before.
  public var sourceAddress: Endpoint?
  public var changedAddress: Endpoint?
  /// The port of the source address to answer to.
  public var responsePort: UInt16?
  /// Bytes of PADDING; at most 65,532 in all.
  public var padding: Int?
  /// RESPONSE-DELAY, ours: seconds to wait before answering.
  public var responseDelay: UInt16?
  public var software: [UInt8]?
  public var error: STUNError?
  /// What the sender of an error response did not understand.
  public var unknownAttributes: [UInt16] = []

  /// Attributes that must be understood (RFC 8489 §14) and are not; the first few of them.
  public private(set) var unknownRequired: [UInt16] = []
  /// Where the value of MESSAGE-INTEGRITY lies in the datagram that was parsed.
  public private(set) var integrity: Range<Int>?
  /// A right FINGERPRINT was there.
  public private(set) var isFingerprinted = false

  public init(
    _ messageClass: Class, method: UInt16 = bindingMethod, transaction: STUNTransaction
  ) {
    self.messageClass = messageClass
    self.method = method & 0xfff
    self.transaction = transaction
  }

  /// Where the request came from, as the response says.
  public var reflexive: Endpoint? { xorMapped ?? mapped }

  /// Parses a whole datagram; nil where it is no STUN message or malformed: a wrong length, a
  /// known attribute of a wrong form, a wrong FINGERPRINT.
  ///
  /// - Parameter classic: take messages without the cookie (RFC 3489), too. Ask only for
  ///   datagrams that are nothing else: such a message cannot be told by its first bytes.
  public init?(_ datagram: RawSpan, classic: Bool = false) {
    var reader = ByteReader(datagram)
    do throws(Truncated) {
      let type = try reader.integer(UInt16.self)
      let length = Int(try reader.integer(UInt16.self))
      transaction = STUNTransaction(try reader.integer(UInt128.self))
      guard type >> 14 == 0, length % 4 == 0, length == reader.remaining,
        classic || !transaction.isClassic,
        let messageClass = Class(rawValue: type >> 7 & 2 | type >> 4 & 1)
      else { return nil }
      self.messageClass = messageClass
      method = type & 0xf | type >> 1 & 0x70 | type >> 2 & 0xf80
      while reader.remaining > 0 {
        guard !isFingerprinted, try readAttribute(&reader, of: datagram) else { return nil }
      }
    } catch {
      return nil
    }
  }

  public init?(_ datagram: [UInt8], classic: Bool = false) {
    self.init(datagram.rawSpan, classic: classic)
  }

  /// False where a known attribute is malformed.
  private mutating func readAttribute(
    _ reader: inout ByteReader, of datagram: RawSpan
  ) throws(Truncated) -> Bool {
    let type = try reader.integer(UInt16.self)
    let start = reader.offset + 2
    let value = try reader.array(Int(try reader.integer(UInt16.self)))
    _ = try reader.range((4 - value.count % 4) % 4)
    if type == STUNAttribute.fingerprint {
      guard value.count == 4 else { return false }
      let crc = CRC32.checksum(datagram, count: start - 4) ^ STUNAttribute.fingerprintMask
      isFingerprinted = value.rawSpan.bigEndian(UInt32.self, at: 0) == crc
      return isFingerprinted
    }
    // Nothing else behind the integrity attribute is protected by it, or counts (RFC 8489 §14.5).
    guard integrity == nil else { return true }
    switch type {
    case STUNAttribute.messageIntegrity:
      guard value.count == 20 else { return false }
      integrity = start..<(start + 20)
    case _ where STUNAttribute.ignored.contains(type): break
    default:
      if let taken = takeAddress(type, value) ?? take(type, value) { return taken }
      if type < STUNAttribute.firstOptional, unknownRequired.count < Self.unknownLimit,
        !unknownRequired.contains(type)
      {
        unknownRequired.append(type)
      }
    }
    return true
  }

  /// Nil where `type` is no address; false where the value is malformed. The first of a type counts.
  private mutating func takeAddress(_ type: UInt16, _ value: [UInt8]) -> Bool? {
    guard STUNAttribute.addresses.contains(type) else { return nil }
    guard let endpoint = STUNAttribute.endpoint(value) else { return false }
    switch type {
    case STUNAttribute.mappedAddress: mapped = mapped ?? endpoint
    case STUNAttribute.responseOrigin: responseOrigin = responseOrigin ?? endpoint
    case STUNAttribute.otherAddress: otherAddress = otherAddress ?? endpoint
    case STUNAttribute.sourceAddress: sourceAddress = sourceAddress ?? endpoint
    case STUNAttribute.changedAddress: changedAddress = changedAddress ?? endpoint
    default: xorMapped = xorMapped ?? transaction.obscure(endpoint)
    }
    return true
  }

  /// Nil where `type` is unknown; false where the value is malformed.
  private mutating func take(_ type: UInt16, _ value: [UInt8]) -> Bool? {
    var reader = ByteReader(value.rawSpan)
    do throws(Truncated) {
      switch type {
      case STUNAttribute.changeRequest:
        guard value.count == 4 else { return false }
        let change = STUNChange(rawValue: try reader.integer(UInt32.self))
        changeRequest = changeRequest ?? change.intersection([.address, .port])
      case STUNAttribute.responsePort:
        guard value.count == 4 || value.count == 2 else { return false }
        let port = try reader.integer(UInt16.self)
        responsePort = responsePort ?? port
      case STUNAttribute.padding: padding = padding ?? value.count
      case STUNAttribute.responseDelay:
        guard value.count == 2 else { return false }
        let seconds = try reader.integer(UInt16.self)
        responseDelay = responseDelay ?? seconds
      case STUNAttribute.software: software = software ?? value
      case STUNAttribute.errorCode:
        guard let error = STUNError(value) else { return false }
        self.error = self.error ?? error
      case STUNAttribute.unknownAttributes:
        guard value.count % 2 == 0 else { return false }
        guard unknownAttributes.isEmpty else { return true }
        while reader.remaining > 0 { unknownAttributes.append(try reader.integer(UInt16.self)) }
      default: return nil
      }
    } catch {
      return false
    }
    return true
  }
}
