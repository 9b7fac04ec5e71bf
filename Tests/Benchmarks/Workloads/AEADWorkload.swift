import CSodium
import IPv8Crypto
import IPv8Wire

/// Seals plaintexts of one size, or opens the records, with nothing around the cipher.
///
/// Every run seals the same texts under the same counters, which the product never does: nothing
/// leaves this program.
final class AEADWorkload: Workload {
  enum Direction { case seal, open }

  let packetCount: Int
  private(set) var isComplete = false
  private let direction: Direction
  private let ring: KeyRing
  /// The key of each packet.
  private let order: [Int]
  private var next = 0
  private var memory: RecordMemory

  /// - Parameters:
  ///   - size: bytes of a plaintext.
  ///   - order: the place of each packet's key, from one run to the next.
  ///   - batch: packets of a run; divides the number of those in `order`, and is all of them where
  ///     they are opened.
  init(
    _ direction: Direction, size: Int, ring: consuming KeyRing, order: [Int], batch: Int,
    seed: UInt64
  ) {
    packetCount = batch
    self.direction = direction
    self.ring = ring
    self.order = order
    memory = RecordMemory(count: batch, size: size, seed: seed)
    memory.seal(self.ring, order[..<batch])
  }

  func prepare() {}

  func run() {
    switch direction {
    case .seal:
      memory.seal(ring, order[next..<(next + packetCount)])
      next = (next + packetCount) % order.count
      isComplete = true
    case .open:
      isComplete = memory.open(ring, order[...]) == packetCount
    }
  }
}

extension RecordMemory {
  fileprivate mutating func seal(_ ring: borrowing KeyRing, _ order: ArraySlice<Int>) {
    Self.seal(texts, into: &records, layout, ring, order)
  }

  /// How many were authentic.
  fileprivate mutating func open(_ ring: borrowing KeyRing, _ order: ArraySlice<Int>) -> Int {
    Self.open(records, into: &opened, layout, ring, order)
  }

  private static func seal(
    _ texts: borrowing PacketSlab, into records: inout PacketSlab, _ layout: RecordMemory.Layout,
    _ ring: borrowing KeyRing, _ order: ArraySlice<Int>
  ) {
    for (place, key) in order.enumerated() {
      var record = records[layout.record(place)]
      ring[key].seal(
        texts.contents(of: layout.text(place)), into: &record, prefix: DatagramKind.recordPrefix,
        counter: UInt64(place))
    }
  }

  private static func open(
    _ records: borrowing PacketSlab, into opened: inout PacketSlab, _ layout: RecordMemory.Layout,
    _ ring: borrowing KeyRing, _ order: ArraySlice<Int>
  ) -> Int {
    var authentic = 0
    for (place, key) in order.enumerated() {
      var text = opened[layout.text(place)]
      let isAuthentic = ring[key].open(
        records.contents(of: layout.record(place)), into: &text, prefix: DatagramKind.recordPrefix,
        counter: UInt64(place))
      if isAuthentic { authentic += 1 }
    }
    return authentic
  }
}

extension AEADWorkload {
  /// One key for all packets.
  convenience init(
    _ direction: Direction, _ suite: AEADSuite, key: SecretBytes, backend: AEADBackend? = nil,
    size: Int, count: Int, seed: UInt64
  ) {
    self.init(
      direction, size: size, ring: KeyRing(suite: suite, keys: [key], backend: backend),
      order: [Int](repeating: 0, count: count), batch: count, seed: seed)
  }

  /// The ciphers of this machine by all who can compute them.
  static var choices: [(suite: AEADSuite, backend: AEADBackend)] {
    var choices: [(suite: AEADSuite, backend: AEADBackend)] = [(.chaCha20Poly1305, .sodium)]
    guard let best = AEADBackend.forAES256GCM else { return choices }
    if best == .ipsecMB { choices.append((.aes256GCM, .ipsecMB)) }
    if sodium_init() >= 0, crypto_aead_aes256gcm_is_available() == 1 {
      choices.append((.aes256GCM, .sodium))
    }
    return choices
  }
}
