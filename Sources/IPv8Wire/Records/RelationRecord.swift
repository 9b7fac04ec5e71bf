/// What one peer says of another: the body of a signed row of the relations table (protocol §6.1).
///
///     02 flags(1) ID_1(32) ID_2(32) REL_ID(2) timestamp_ms(8) strength(8, signed)
///     ‖ signature of ID_1(64) [‖ signature of ID_2(64)]
public struct RelationRecord: Equatable, Hashable, Sendable {
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    /// ID_2 signed too.
    public static let countersigned = Flags(rawValue: 1)
  }

  /// What a relation stands under in the table; one row each.
  public struct Key: Hashable, Sendable {
    public let signer: PermID
    public let subject: PermID
    public let type: RelationType
  }

  public static let kind: UInt8 = 2
  public static let bodyByteCount = 84
  /// Bytes of the longest record with its signatures.
  public static let byteLimit = bodyByteCount + 2 * 64
  /// The strength "entirely", in millionths; of traffic the strength is bytes.
  public static let fullStrength: Int64 = 1_000_000

  public var flags: Flags
  /// ID_1, whose word it is.
  public var signer: PermID
  /// ID_2, of whom it is said.
  public var subject: PermID
  public var type: RelationType
  public var timestamp: WallTime
  /// Millionths, -1,000,000 to 1,000,000; of traffic bytes, not negative. 0 revokes.
  public var strength: Int64

  public init(
    signer: PermID, subject: PermID, type: RelationType, timestamp: WallTime, strength: Int64,
    flags: Flags = []
  ) {
    self.flags = flags
    self.signer = signer
    self.subject = subject
    self.type = type
    self.timestamp = timestamp
    self.strength = strength
  }

  public var key: Key { Key(signer: signer, subject: subject, type: type) }

  /// The signer takes back what it said before.
  public var isRevocation: Bool { strength == 0 }

  /// The bytes that are signed, behind the domain's tag.
  public var body: [UInt8] {
    var bytes: [UInt8] = [Self.kind, flags.rawValue]
    bytes.reserveCapacity(Self.byteLimit)
    bytes += signer.bytes
    bytes += subject.bytes
    bytes.append(bigEndian: type.rawValue)
    bytes.append(bigEndian: timestamp.milliseconds)
    bytes.append(bigEndian: UInt64(bitPattern: strength))
    return bytes
  }

  /// Parses a body at the front of `bytes`; nil where it is not canonical. Total.
  public static func parse(_ bytes: RawSpan) -> RelationRecord? {
    var reader = ByteReader(bytes)
    guard let record = try? read(&reader), record.isCanonical else { return nil }
    return record
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> RelationRecord {
    guard try reader.integer(UInt8.self) == kind else { throw Truncated() }
    let flags = Flags(rawValue: try reader.integer(UInt8.self))
    guard let signer = PermID(try reader.array(PermID.byteCount)),
      let subject = PermID(try reader.array(PermID.byteCount))
    else { throw Truncated() }
    let type = RelationType(rawValue: try reader.integer(UInt16.self))
    let timestamp = WallTime(milliseconds: try reader.integer(UInt64.self))
    let strength = Int64(bitPattern: try reader.integer(UInt64.self))
    return RelationRecord(
      signer: signer, subject: subject, type: type, timestamp: timestamp, strength: strength,
      flags: flags)
  }

  /// Whether the fields are ones that a record may have.
  public var isCanonical: Bool {
    guard flags.isSubset(of: .countersigned), signer != subject else { return false }
    if type == .traffic { return strength >= 0 }
    return (-Self.fullStrength...Self.fullStrength).contains(strength)
  }
}

extension RelationRecord {
  /// What becomes of a record where another with its key is known.
  public enum Succession: Equatable, Sendable {
    /// It takes the other's place.
    case newer
    case same
    case older
    /// One timestamp, two bodies: proof against the signer.
    case contradiction
  }

  /// The latest timestamp wins.
  public func succession(to known: RelationRecord) -> Succession {
    precondition(key == known.key, "of one row")
    if timestamp > known.timestamp { return .newer }
    if timestamp < known.timestamp { return .older }
    return self == known ? .same : .contradiction
  }
}
