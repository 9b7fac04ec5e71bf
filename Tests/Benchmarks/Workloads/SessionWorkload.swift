import IPv8Crypto
import IPv8Wire
import P2TP

/// Seals records as a session does, or opens them: header, counter, replay window, clocks and all.
final class SessionWorkload: Workload {
  let packetCount: Int
  private(set) var isComplete = false
  private let direction: AEADWorkload.Direction
  private var now: Timestamp
  private var ends: Ends

  /// - Parameter size: bytes of a plaintext.
  init(
    _ direction: AEADWorkload.Direction, _ suite: AEADSuite, size: Int, count: Int, seed: UInt64
  ) {
    packetCount = count
    self.direction = direction
    now = Timestamp(nanoseconds: 1_000_000_000_000)
    ends = Ends(suite, size: size, count: count, at: now, seed: seed)
  }

  func prepare() {
    now = now + .microseconds(100)
    if direction == .open { _ = ends.seal(at: now) }
  }

  func run() {
    let count = direction == .seal ? ends.seal(at: now) : ends.open(at: now)
    isComplete = count == packetCount
  }

  private struct Ends: ~Copyable {
    private let source: Endpoint
    private var sender: OutboundSession
    private var receiver: InboundSession
    private var memory: RecordMemory

    init(_ suite: AEADSuite, size: Int, count: Int, at now: Timestamp, seed: UInt64) {
      var random = SeededRandom(seed: seed)
      let (one, two) = (Party(1, using: &random), Party(2, using: &random))
      var opening = Opening(one, two, suite: suite, at: now, using: &random)
      source = one.endpoint
      sender = OutboundSession(opening.call(), of: PeerIndex(0))
      let first = sender.emptyRecord(at: now)
      receiver = InboundSession(opening.confirm(first), of: PeerIndex(0))
      memory = RecordMemory(count: count, size: size, seed: seed)
    }

    mutating func seal(at now: Timestamp) -> Int {
      var sealed = 0
      let layout = memory.layout
      for place in 0..<layout.count {
        let isSealed = Self.seal(
          memory.texts, layout.text(place), into: &memory.records, layout.record(place),
          by: &sender, at: now)
        if isSealed { sealed += 1 }
      }
      return sealed
    }

    private static func seal(
      _ texts: borrowing PacketSlab, _ text: PacketRange, into records: inout PacketSlab,
      _ record: PacketRange, by sender: inout OutboundSession, at now: Timestamp
    ) -> Bool {
      var datagram = records[record]
      let outcome = sender.seal(texts.contents(of: text), into: &datagram, isData: true, at: now)
      guard case .sealed = outcome else { return false }
      return true
    }

    mutating func open(at now: Timestamp) -> Int {
      var accepted = 0
      let layout = memory.layout
      for place in 0..<layout.count {
        let isAccepted = Self.open(
          memory.records, layout.record(place), into: &memory.opened, layout.text(place),
          by: &receiver, from: source, at: now)
        if isAccepted { accepted += 1 }
      }
      return accepted
    }

    private static func open(
      _ records: borrowing PacketSlab, _ record: PacketRange, into opened: inout PacketSlab,
      _ text: PacketRange, by receiver: inout InboundSession, from source: Endpoint,
      at now: Timestamp
    ) -> Bool {
      guard case .record(let header, _) = DatagramKind(records.contents(of: record)) else {
        return false
      }
      var plaintext = opened[text]
      let outcome = receiver.open(
        records.contents(of: record), into: &plaintext, header: header, from: source, ecn: 0,
        at: now)
      guard case .accepted = outcome else { return false }
      receiver.finishRecord()
      receiver.noteData(Int(text.length), at: now)
      return true
    }
  }
}

extension OutboundSession {
  /// What a caller may send first.
  mutating func emptyRecord(at now: Timestamp) -> [UInt8] {
    var record = [UInt8](
      repeating: 0, count: DatagramKind.recordPrefix + AEADSuite.tagByteCount)
    record.withMutableRawSpan { span in _ = seal(&span, isData: false, at: now) }
    return record
  }
}
