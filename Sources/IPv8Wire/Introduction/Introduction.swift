/// What one end of an introduction tells the other, sealed for it and signed
/// (docs/protocol/introductions.md).
///
///     version(1)=1 ‖ id(8) ‖ PermID(32) ‖ time_ms(8) ‖ nat(1) ‖ step(1, signed) ‖ port(2)
///     ‖ delay_ms(2) ‖ n(1) ‖ n × ( kind(1) ‖ address(16) ‖ port(2) ) ‖ length(2) ‖ signed binding
public struct Introduction: Equatable, Sendable {
  /// A place where the sender may be reached; kinds are those of `Candidate` in IPv8Traversal, and
  /// of later versions.
  public struct Place: Equatable, Sendable {
    public let kind: UInt8
    public let endpoint: Endpoint

    public init(kind: UInt8, endpoint: Endpoint) {
      self.kind = kind
      self.endpoint = endpoint
    }

    static let byteCount = 1 + 16 + 2
  }

  public static let version: UInt8 = 1
  /// Places that one side may name.
  public static let placeLimit = 16
  static let signatureByteCount = 64
  /// What sealing adds: an ephemeral key and a tag.
  static let sealByteCount = 32 + 16
  /// Bytes without signature, at most.
  public static let bodyByteLimit =
    56 + placeLimit * Place.byteCount + 2 + BindingRecord.byteLimit
  /// Bytes of the sealed form at most: with any frame around it, it fits a record of 1,280 bytes.
  public static let sealedByteLimit = bodyByteLimit + signatureByteCount + sealByteCount

  public var id: IntroductionID
  public var sender: PermID
  public var time: WallTime
  /// `NATSummary` of the sender.
  public var nat: UInt8
  /// How the sender's NAT counts its ports; 0 where it does not.
  public var portStep: Int8
  /// The newest port that it was seen to give; 0 where none was.
  public var lastPort: UInt16
  /// Milliseconds: the caller's round trip to the introducer, 0 for not known; in an answer, how
  /// long after it the callee begins to knock.
  public var delay: UInt16
  public var places: [Place]
  /// The sender's own signed binding; empty for none.
  public var binding: [UInt8]

  public init(
    id: IntroductionID, sender: PermID, time: WallTime, nat: UInt8 = 0, portStep: Int8 = 0,
    lastPort: UInt16 = 0, delay: UInt16 = 0, places: [Place] = [], binding: [UInt8] = []
  ) {
    precondition(places.count <= Self.placeLimit && binding.count <= BindingRecord.byteLimit)
    self.id = id
    self.sender = sender
    self.time = time
    self.nat = nat
    self.portStep = portStep
    self.lastPort = lastPort
    self.delay = delay
    self.places = places
    self.binding = binding
  }

  /// The bytes that the sender signs, with the recipient's PermID behind them.
  public var body: [UInt8] {
    var bytes: [UInt8] = [Self.version]
    bytes.append(bigEndian: id.value)
    bytes += sender.bytes
    bytes.append(bigEndian: time.milliseconds)
    bytes += [nat, UInt8(bitPattern: portStep)]
    bytes.append(bigEndian: lastPort)
    bytes.append(bigEndian: delay)
    bytes.append(UInt8(places.count))
    for place in places {
      bytes.append(place.kind)
      bytes.append(bigEndian: place.endpoint.address.mapped)
      bytes.append(bigEndian: place.endpoint.port)
    }
    bytes.append(bigEndian: UInt16(binding.count))
    return bytes + binding
  }

  /// Parses exactly `bytes`; nil where they are no body in its one form. Total.
  public init?(_ bytes: RawSpan) {
    var reader = ByteReader(bytes)
    guard let parsed = try? Self.read(&reader), reader.remaining == 0 else { return nil }
    self = parsed
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> Introduction {
    guard try reader.integer(UInt8.self) == version else { throw Truncated() }
    let id = IntroductionID(try reader.integer(UInt64.self))
    guard let sender = PermID(try reader.array(PermID.byteCount)) else { throw Truncated() }
    var parsed = Introduction(
      id: id, sender: sender, time: WallTime(milliseconds: try reader.integer(UInt64.self)),
      nat: try reader.integer(UInt8.self), portStep: try reader.integer(Int8.self),
      lastPort: try reader.integer(UInt16.self), delay: try reader.integer(UInt16.self))
    let count = try reader.integer(UInt8.self)
    guard count <= placeLimit else { throw Truncated() }
    for _ in 0..<count { parsed.places.append(try place(&reader)) }
    let length = Int(try reader.integer(UInt16.self))
    guard length <= BindingRecord.byteLimit else { throw Truncated() }
    parsed.binding = try reader.array(length)
    return parsed
  }

  private static func place(_ reader: inout ByteReader) throws(Truncated) -> Place {
    let kind = try reader.integer(UInt8.self)
    let address = IPAddress(mapped: try reader.integer(UInt128.self))
    return Place(
      kind: kind, endpoint: Endpoint(address, port: try reader.integer(UInt16.self)))
  }
}
