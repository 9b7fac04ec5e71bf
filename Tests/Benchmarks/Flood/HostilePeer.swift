import IPv8Crypto
import IPv8Platform
import IPv8Sync
import IPv8Wire
import P2TP

/// A peer that wants a daemon to drown in records. It synchronises as any peer does, so that its wrong
/// records are fetched, as many as the daemon wants; and beside that it sends frames that nobody asked for.
final class HostilePeer {
  private static let noiseCount = 512
  private static let beginningPause = Interval.seconds(2)
  private static let pairPersonal = [UInt8]("ipv8-pair-secret".utf8)

  private let key: IdentityKey
  private let faults: [Fault]
  private let session: HostileSession
  private let shelf: Shelf
  /// Frames that nobody asked for, made beforehand: they go in turn, so that sending costs what padding does.
  private let noise: [[UInt8]]
  private var next = 0
  /// Of bindings and of relations; the hot scope has the former's.
  private var books: [SyncBook] = []
  private var sides: [SyncSession] = []
  private var beginAt = Timestamp(nanoseconds: 0)
  private var random: SeededRandom
  private(set) var given = 0

  /// - Parameters:
  ///   - faults: none: it sends padding, as many bytes.
  ///   - stock: records that it has of each.
  init(
    _ key: IdentityKey, against peer: PermID, at target: Endpoint, faults: [Fault],
    stock: Int
  ) {
    guard let shared = peer.agreementPublicKey.flatMap({ key.agreementKey.agree(with: $0) }),
      let association = Association(
        local: key.permID, peer: peer, peerTime: WallTime(milliseconds: 0))
    else { leave("\(peer) is no other peer's") }
    session = HostileSession(key, association, at: target)
    self.key = key
    // Other records than other peers have.
    let number = key.permID.bytes.rawSpan.bigEndian(UInt64.self, at: 0)
    self.faults = faults
    var supply = Supply(at: SystemClock.wallTime(), seed: number)
    random = SeededRandom(seed: number)
    var records: [RecordID: [UInt8]] = [:]
    var (tables, bulk) = ([RecordTable(seed: number), RecordTable(seed: number)], [[UInt8]]())
    for _ in 0..<stock {
      for fault in faults {
        for record in supply.make(fault) {
          let summary = RecordSummary(
            signer: record.signer, slot: record.slot, timestamp: record.timestamp,
            body: record.body)
          records[summary.id] = record.bytes
          tables[record.slot[0] == BindingRecord.kind ? 0 : 1].insert(summary)
          bulk.append(record.bytes)
        }
      }
    }
    shelf = Shelf(records: records)
    noise = (0..<Self.noiseCount).map { place in
      guard !faults.isEmpty else {
        return [UInt8](repeating: 0, count: ControlFrame.bodyLimit + 3)
      }
      let fault = faults[place / 8 % faults.count]
      let frame =
        switch place % 8 {
        case 0: ControlFrame(.binding, body: supply.own(key, fault))
        case 1: ControlFrame(.query, body: supply.bytes(23))
        default: ControlFrame(.sync, body: supply.gift(of: bulk))
        }
      return frame.bytes
    }
    let digest = BLAKE2b.hash([], count: 32, key: shared, personal: Self.pairPersonal)
    let salt = SyncSalt(secret: SecretBytes(copying: digest.rawSpan))
    books = tables.map { SyncBook(table: $0, budgets: SignerBudgets(seed: number)) }
    sides = (0..<3).map { SyncSession(salt: salt, scope: $0, limits: .none) }
  }

  var sent: Int { session.sent }

  /// Whether the session stands; calls until it does.
  func opens(at now: Moment) -> Bool {
    session.advance(to: now)
    hear(at: now)
    return session.isOpen
  }

  /// Answers what came, and sends `count` frames that nobody asked for.
  func turn(_ count: Int, at now: Moment) {
    session.advance(to: now)
    hear(at: now)
    if !faults.isEmpty { synchronise(at: now) }
    for _ in 0..<count {
      session.send(noise[next], at: now.boot)
      next = (next + 1) % noise.count
    }
  }

  private func hear(at now: Moment) {
    for frame in session.receive(at: now) where frame.kind == .sync && frame.body.count > 4 {
      let scope = Int(frame.body[4] & 3)
      guard scope < sides.count else { continue }
      sides[scope].receive(frame.body, book: &books[scope / 2], host: shelf, now: now)
      speak(scope, at: now)
    }
  }

  private func synchronise(at now: Moment) {
    let begins = beginAt <= now.boot
    if begins { beginAt = now.boot + Self.beginningPause }
    for scope in sides.indices {
      if begins {
        sides[scope].begin(
          session: UInt32(truncatingIfNeeded: random.next()) & ~3 | UInt32(scope),
          method: .ranges, book: &books[scope / 2], host: shelf, now: now)
      } else if sides[scope].deadline(after: now) <= now.boot {
        sides[scope].tick(book: &books[scope / 2], host: shelf, now: now)
      }
      speak(scope, at: now)
    }
  }

  private func speak(_ scope: Int, at now: Moment) {
    for output in sides[scope].takeOutputs() {
      switch output {
      case .send(let body): session.send(ControlFrame(.sync, body: body).bytes, at: now.boot)
      case .finished(let report): given += report.given
      case .record: break
      }
    }
  }
}

/// What the peer has to give; of others it wants nothing.
struct Shelf: SyncHost {
  let records: [RecordID: [UInt8]]

  func summary(of record: [UInt8]) -> RecordSummary? { nil }

  func bytes(of id: RecordID) -> [UInt8]? { records[id] }

  func wants(signer: PermID?, name: RecordName) -> Bool { false }
}

extension SyncLimits {
  /// Of a peer that spares nobody.
  static var none: SyncLimits {
    var limits = SyncLimits()
    limits.bytesPerSecond = 1_000_000_000
    limits.byteBurst = 1_000_000_000
    limits.offences = 1_000_000
    return limits
  }
}
