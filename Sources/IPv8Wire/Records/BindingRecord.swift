/// Where a peer says it can be reached: the body of a signed row of the bindings table
/// (protocol §6.1 and §9).
///
///     01 flags(1) PermID(32) ipv4(4) port(2) [ipv6(16) port6(2)] timestamp_ms(8) lifetime_s(4)
///     nat(1) n(1) n × rendezvous address tail(14) [name length(1) name] ‖ signature(64)
public struct BindingRecord: Equatable, Sendable {
  public struct Flags: OptionSet, Sendable, Hashable {
    public let rawValue: UInt8
    public init(rawValue: UInt8) { self.rawValue = rawValue }

    public static let withdrawn = Flags(rawValue: 1)
    public static let relayWilling = Flags(rawValue: 2)
    public static let publicNode = Flags(rawValue: 4)
    /// An IPv6 endpoint follows the IPv4 one.
    public static let hasIPv6 = Flags(rawValue: 8)
    /// A self-chosen name follows the rendezvous list.
    public static let hasName = Flags(rawValue: 16)
  }

  public static let kind: UInt8 = 1
  public static let rendezvousLimit = 3
  public static let nameByteLimit = 32
  /// Seconds; longer lifetimes are refused.
  public static let lifetimeLimit: UInt32 = 86_400
  /// Bytes of the longest record with its signature.
  public static let byteLimit = 54 + 18 + 14 * rendezvousLimit + 1 + nameByteLimit + 64

  public var flags: Flags
  public var permID: PermID
  /// Nil: reachable through rendezvous peers or IPv6 only.
  public var endpoint4: Endpoint?
  public var endpoint6: Endpoint?
  public var timestamp: WallTime
  /// Seconds that the record stands.
  public var lifetime: UInt32
  /// What the owner's NAT does (protocol §6.1); 0 where unknown.
  public var nat: UInt8
  public var rendezvous: [OverlayAddress]
  public var name: String?

  public init(
    permID: PermID, endpoint4: Endpoint? = nil, endpoint6: Endpoint? = nil, timestamp: WallTime,
    lifetime: UInt32 = lifetimeLimit, flags: Flags = [], nat: UInt8 = 0,
    rendezvous: [OverlayAddress] = [], name: String? = nil
  ) {
    self.permID = permID
    self.endpoint4 = endpoint4
    self.endpoint6 = endpoint6
    self.timestamp = timestamp
    self.lifetime = lifetime
    self.flags = flags.subtracting([.hasIPv6, .hasName])
      .union(endpoint6 == nil ? [] : .hasIPv6).union(name == nil ? [] : .hasName)
    self.nat = nat
    self.rendezvous = rendezvous
    self.name = name
  }

  /// The bytes that the owner signs, behind the domain's tag.
  public var body: [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Self.byteLimit)
    bytes += [Self.kind, flags.rawValue]
    bytes += permID.bytes
    if let endpoint4, case .v4(let address) = endpoint4.address {
      bytes.append(bigEndian: address.value)
      bytes.append(bigEndian: endpoint4.port)
    } else {
      bytes += [0, 0, 0, 0, 0, 0]
    }
    if flags.contains(.hasIPv6), let endpoint6 {
      bytes.append(bigEndian: endpoint6.address.mapped)
      bytes.append(bigEndian: endpoint6.port)
    }
    bytes.append(bigEndian: timestamp.milliseconds)
    bytes.append(bigEndian: lifetime)
    bytes.append(nat)
    bytes.append(UInt8(rendezvous.count))
    for address in rendezvous {
      bytes.append(bigEndian: UInt64(truncatingIfNeeded: address.value >> 48))
      bytes.append(bigEndian: UInt32(truncatingIfNeeded: address.value >> 16))
      bytes.append(bigEndian: UInt16(truncatingIfNeeded: address.value))
    }
    if let name {
      bytes.append(UInt8(name.utf8.count))
      bytes += Array(name.utf8)
    }
    return bytes
  }

  /// Where the fields after the lifetime begin in the body.
  public static func tailOffset(of record: BindingRecord) -> Int {
    2 + PermID.byteCount + 6 + (record.flags.contains(.hasIPv6) ? 18 : 0) + 8 + 4
  }

  /// Parses a body at the front of `bytes`; nil where it is not canonical. The second value is the
  /// body's length. Total; what the fields may say is judged in IPv8Records.
  public static func parse(_ bytes: RawSpan) -> (record: BindingRecord, byteCount: Int)? {
    var reader = ByteReader(bytes)
    guard let record = try? read(&reader), record.isCanonical else { return nil }
    return (record, reader.offset)
  }

  private static func read(_ reader: inout ByteReader) throws(Truncated) -> BindingRecord {
    guard try reader.integer(UInt8.self) == kind else { throw Truncated() }
    let flags = Flags(rawValue: try reader.integer(UInt8.self))
    guard let permID = PermID(try reader.array(PermID.byteCount)) else { throw Truncated() }
    let address4 = try reader.integer(UInt32.self)
    let port4 = try reader.integer(UInt16.self)
    var endpoint6: Endpoint?
    if flags.contains(.hasIPv6) {
      let address = IPv6Address(try reader.integer(UInt128.self))
      endpoint6 = Endpoint(.v6(address), port: try reader.integer(UInt16.self))
    }
    let timestamp = WallTime(milliseconds: try reader.integer(UInt64.self))
    let lifetime = try reader.integer(UInt32.self)
    let nat = try reader.integer(UInt8.self)
    let count = try reader.integer(UInt8.self)
    guard count <= rendezvousLimit else { throw Truncated() }
    var rendezvous: [OverlayAddress] = []
    for _ in 0..<count {
      var value: UInt128 = 0xfde8 << 112
      value |= UInt128(try reader.integer(UInt64.self)) << 48
      value |= UInt128(try reader.integer(UInt32.self)) << 16
      value |= UInt128(try reader.integer(UInt16.self))
      guard let address = OverlayAddress(IPv6Address(value)) else { throw Truncated() }
      rendezvous.append(address)
    }
    var name: String?
    if flags.contains(.hasName) {
      name = String(
        validating: try reader.array(Int(try reader.integer(UInt8.self))), as: UTF8.self)
      guard name != nil else { throw Truncated() }
    }
    var record = BindingRecord(
      permID: permID,
      endpoint4: port4 == 0 && address4 == 0
        ? nil : Endpoint(.v4(IPv4Address(address4)), port: port4),
      endpoint6: endpoint6, timestamp: timestamp, lifetime: lifetime, nat: nat,
      rendezvous: rendezvous, name: name)
    record.flags = flags
    return record
  }

  private var isCanonical: Bool {
    let known: Flags = [.withdrawn, .relayWilling, .publicNode, .hasIPv6, .hasName]
    return flags.isSubset(of: known) && lifetime <= Self.lifetimeLimit
      && (name.map { (1...Self.nameByteLimit).contains($0.utf8.count) } ?? true)
      && endpoint4?.port != 0 && endpoint6?.port != 0
  }
}
