import IPv8Sync
public import IPv8Wire

/// A record whose bytes mean nothing but its summary: signer(32) ‖ slot(4) ‖ timestamp(8) ‖ rest.
public struct SimulatedRecord: Equatable, Sendable {
  public static let byteCount = 150

  public struct Slot: Hashable, Sendable {
    public let signer: PermID
    public let number: UInt32
  }

  public let slot: Slot
  public let timestamp: WallTime
  public let bytes: [UInt8]

  /// - Parameter rest: tells records of one slot and time apart.
  public init(signer: PermID, slot: UInt32, timestamp: WallTime, rest: UInt64 = 0) {
    self.slot = Slot(signer: signer, number: slot)
    self.timestamp = timestamp
    var bytes = signer.bytes
    bytes.append(bigEndian: slot)
    bytes.append(bigEndian: timestamp.milliseconds)
    bytes.append(bigEndian: rest)
    self.bytes = bytes + Array(repeating: 0, count: Self.byteCount - bytes.count)
  }

  public init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, let signer = PermID(bytes.rawSpan) else { return nil }
    let span = bytes.rawSpan
    slot = Slot(signer: signer, number: span.bigEndian(UInt32.self, at: 32))
    timestamp = WallTime(milliseconds: span.bigEndian(UInt64.self, at: 36))
    self.bytes = bytes
  }

  public var summary: RecordSummary {
    RecordSummary(
      signer: slot.signer, slot: Array(bytes[32..<36]), timestamp: timestamp, body: bytes)
  }

  public static func signer(_ number: UInt64) -> PermID {
    var random = SeededRandom(seed: number)
    return PermID((0..<32).map { _ in UInt8(truncatingIfNeeded: random.next()) })
      ?? PermID(repeating: 0)
  }
}

extension PermID {
  fileprivate init(repeating byte: UInt8) {
    guard let id = PermID([UInt8](repeating: byte, count: 32)) else {
      preconditionFailure("32 bytes are a PermID")
    }
    self = id
  }
}
