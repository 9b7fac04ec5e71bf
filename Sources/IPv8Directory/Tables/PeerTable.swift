import IPv8Crypto
import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

/// The records in memory, by the number of their signer, and where to find them.
struct PeerTable: Sendable {
  struct RelationPlace: Sendable {
    let signer: PeerNumber
    let subject: PeerNumber
    let type: RelationType
  }

  /// A proof of deceit.
  struct Proof: Sendable {
    /// ``IPv8Records/Contradiction/bytes``.
    let bytes: [UInt8]
    let summary: RecordSummary
    /// Counts up: the oldest goes first.
    let order: UInt64
  }

  /// Number 0 is this host.
  var rows: [PeerRow] = []
  private(set) var numbers: [PermID: PeerNumber] = [:]
  /// By the low half of the overlay address.
  private var addresses: [UInt64: PeerNumber] = [:]
  private var free: [PeerNumber] = []
  var bindings: [RecordID: PeerNumber] = [:]
  var relations: [RecordID: RelationPlace] = [:]
  var proofs: [PeerNumber: Proof] = [:]
  var proofIDs: [RecordID: PeerNumber] = [:]
  var proofOrder: UInt64 = 0
  /// Rows with records.
  var signerCount = 0

  init(own: PermID) { append(own, Self.key(OverlayAddress(of: own))) }

  var peerCount: Int { rows.count - free.count }

  subscript(peer: PermID) -> PeerNumber? { numbers[peer] }

  func name(_ number: PeerNumber) -> PermID { rows[Int(number)].permID }

  mutating func reserve(_ count: Int) {
    rows.reserveCapacity(count)
    numbers.reserveCapacity(count)
    addresses.reserveCapacity(count)
    bindings.reserveCapacity(count)
  }

  /// A number that was free; nil where there is none.
  mutating func reuse(_ peer: PermID, _ key: UInt64) -> PeerNumber? {
    guard let number = free.popLast() else { return nil }
    rows[Int(number)] = PeerRow(peer)
    enter(peer, key, number)
    return number
  }

  /// The next number.
  mutating func append(_ peer: PermID, _ key: UInt64) {
    rows.append(PeerRow(peer))
    enter(peer, key, PeerNumber(rows.count - 1))
  }

  private mutating func enter(_ peer: PermID, _ key: UInt64, _ number: PeerNumber) {
    numbers[peer] = number
    addresses[key] = number
  }

  mutating func release(_ number: PeerNumber) {
    let peer = name(number)
    numbers[peer] = nil
    let key = Self.key(OverlayAddress(of: peer))
    if addresses[key] == number { addresses[key] = nil }
    rows[Int(number)].flags = .free
    rows[Int(number)].relations = []
    free.append(number)
  }

  /// By which ``number(at:)`` finds a peer.
  static func key(_ address: OverlayAddress) -> UInt64 {
    UInt64(truncatingIfNeeded: address.value)
  }

  func number(at address: OverlayAddress) -> PeerNumber? {
    guard let number = addresses[Self.key(address)],
      OverlayAddress(of: name(number)) == address
    else { return nil }
    return number
  }

  func relationIndex(_ place: RelationPlace) -> Int? {
    rows[Int(place.signer)].relations.firstIndex {
      $0.subject == place.subject && $0.type == place.type
    }
  }

  /// The record as it travels.
  func bytes(of id: RecordID, in scope: SyncScope) -> [UInt8]? {
    switch scope {
    case .hot, .bindings: return bindings[id].map { rows[Int($0)].binding }
    case .relations:
      guard let place = relations[id], let index = relationIndex(place) else { return nil }
      let row = rows[Int(place.signer)]
      let relation = row.relations[index]
      return row.record(relation, of: name(relation.subject)).body + relation.signatures
    case .contradictions: return proofIDs[id].flatMap { proofs[$0]?.bytes }
    }
  }
}
