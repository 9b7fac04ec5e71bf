public import IPv8Wire

/// What stands for one version of one record in reconciliation (docs/protocol/sync.md, Elements).
///
/// Sixteen bytes name nothing that the twelve here do not tell the receiver in advance: whose record
/// it is, which of the signer's, and how old.
public struct SyncElement: Hashable, Sendable {
  public static let byteCount = 12

  /// The signer under the pair's salt.
  public var tag: UInt32
  public var name: RecordName

  public init(tag: UInt32, name: RecordName) {
    self.tag = tag
    self.name = name
  }

  /// - Parameter bytes: with at least twelve from `offset` on.
  init(_ bytes: RawSpan, at offset: Int) {
    tag = bytes.bigEndian(UInt32.self, at: offset)
    name = RecordName(bytes.bigEndian(UInt64.self, at: offset + 4))
  }

  func append(to bytes: inout [UInt8]) {
    bytes.append(bigEndian: tag)
    bytes.append(bigEndian: name.value)
  }
}

/// The place of a record's version in the order of the table: its time, then its slot, then what
/// tells versions of one time apart.
///
///     time(3) ‖ slot(2) ‖ version(3)
public struct RecordName: Hashable, Sendable, Comparable {
  /// Seconds of one unit of ``time``.
  public static let secondsPerUnit: UInt64 = 64
  /// 2020-01-01 in seconds of Unix time, where ``time`` begins; it ends in 2054.
  static let epoch: UInt64 = 1_577_836_800

  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  public init(time: UInt32, slot: UInt16, version: UInt32) {
    value = UInt64(min(time, 0xff_ffff)) << 40 | UInt64(slot) << 24 | UInt64(version & 0xff_ffff)
  }

  public var time: UInt32 { UInt32(value >> 40) }
  public var slot: UInt16 { UInt16(truncatingIfNeeded: value >> 24) }

  public static func < (a: RecordName, b: RecordName) -> Bool { a.value < b.value }

  /// Coarse time of a moment, saturating.
  public static func time(of moment: WallTime) -> UInt32 {
    let seconds = moment.milliseconds / 1_000
    return UInt32(min(0xff_ffff, (max(seconds, epoch) - epoch) / secondsPerUnit))
  }

  /// The first name of a coarse time.
  public static func first(of time: UInt32) -> RecordName {
    RecordName(time: time, slot: 0, version: 0)
  }
}
