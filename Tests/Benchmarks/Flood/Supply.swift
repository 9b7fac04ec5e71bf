import DirectorySimulator
import IPv8Crypto
import IPv8Records
import IPv8Wire

/// Makes wrong records without end.
struct Supply {
  /// How far ahead a clock-skewed record is: beyond what is believed, within what is asked for.
  private static let skew: UInt64 = 185_000
  private static let age: UInt64 = 3 * 3_600_000

  private let now: WallTime
  private var random: SeededRandom
  private var count: UInt64 = 0
  private let ruthless: IdentityKey
  private let template: SignedBinding

  /// - Parameter seed: of keys and of what is chance; others for each peer.
  init(at now: WallTime, seed: UInt64) {
    self.now = now
    random = SeededRandom(seed: seed)
    ruthless = SimulatedIdentity.key(random.next())
    template = SimulatedIdentity.binding(SimulatedIdentity.key(random.next()), at: now)
  }

  private mutating func key() -> IdentityKey { SimulatedIdentity.key(random.next()) }

  mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  private mutating func peer() -> PermID {
    while true {
      if let peer = PermID(bytes(PermID.byteCount)) { return peer }
    }
  }

  private func time(_ ahead: UInt64) -> WallTime {
    WallTime(milliseconds: now.milliseconds + ahead)
  }

  /// One record; two where they are to contradict each other.
  mutating func make(_ fault: Fault) -> [WrongRecord] {
    count += 1
    switch fault {
    case .forged: return [forged()]
    case .newer where count % 2 == 0:
      return [Self.wrong(SimulatedIdentity.binding(ruthless, at: time(count)))]
    case .newer:
      return [Self.wrong(SimulatedIdentity.relation(ruthless, to: peer(), at: time(count)))]
    case .skewed: return [Self.wrong(SimulatedIdentity.binding(key(), at: time(Self.skew)))]
    case .expired:
      let then = WallTime(milliseconds: now.milliseconds - Self.age)
      return [Self.wrong(SimulatedIdentity.binding(key(), at: then, lifetime: 60))]
    case .malformed:
      let noise = [BindingRecord.kind] + bytes(150)
      return [
        WrongRecord(
          bytes: noise, signer: peer(), slot: [BindingRecord.kind], timestamp: now, body: noise)
      ]
    case .contradictory:
      let (key, subject) = (key(), peer())
      return [Int64(1), 2].map {
        Self.wrong(SimulatedIdentity.relation(key, to: subject, at: now, strength: $0))
      }
    }
  }

  /// Of an owner that does not exist: what costs its maker least, and its reader most.
  private mutating func forged() -> WrongRecord {
    var bytes = template.bytes
    let signer = peer()
    bytes.replaceSubrange(2..<(2 + PermID.byteCount), with: signer.bytes)
    return WrongRecord(
      bytes: bytes, signer: signer, slot: [BindingRecord.kind],
      timestamp: template.record.timestamp, body: bytes.dropLast(IdentityKey.signatureByteCount))
  }

  /// What a peer sends as its own record.
  mutating func own(_ key: IdentityKey, _ fault: Fault) -> [UInt8] {
    count += 1
    let time =
      switch fault {
      case .skewed: time(Self.skew)
      case .expired: WallTime(milliseconds: now.milliseconds - Self.age)
      default: time(count)
      }
    var bytes = SimulatedIdentity.binding(
      key, at: time, lifetime: fault == .expired ? 60 : BindingRecord.lifetimeLimit
    ).bytes
    if fault == .forged { bytes[bytes.count - 1] ^= 1 }
    return fault == .malformed ? self.bytes(100) : bytes
  }

  /// A message full of records, of a session that there is not (docs/protocol/sync.md, GIVE).
  mutating func gift(of records: [[UInt8]]) -> [UInt8] {
    var body: [UInt8] = [0x86] + bytes(4)
    while true {
      let record = records[Int(random.next() % UInt64(records.count))]
      guard body.count + 2 + record.count <= ControlFrame.bodyLimit else { return body }
      body.append(bigEndian: UInt16(record.count))
      body += record
    }
  }

  private static func wrong(_ binding: SignedBinding) -> WrongRecord {
    WrongRecord(
      bytes: binding.bytes, signer: binding.record.permID, slot: [BindingRecord.kind],
      timestamp: binding.record.timestamp, body: binding.record.body)
  }

  private static func wrong(_ relation: SignedRelation) -> WrongRecord {
    let record = relation.record
    var slot = [RelationRecord.kind] + record.subject.bytes
    slot.append(bigEndian: record.type.rawValue)
    return WrongRecord(
      bytes: relation.bytes, signer: record.signer, slot: slot, timestamp: record.timestamp,
      body: record.body)
  }
}
