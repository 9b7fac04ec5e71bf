import IPv8Wire
import P2TP

/// What crossed a path in one direction.
public struct TrafficCount: Sendable, Equatable {
  /// Of inner packets.
  public var bytes: UInt64 = 0
  public var records = RecordCount()

  public init() {}

  static func += (sum: inout TrafficCount, more: TrafficCount) {
    sum.bytes += more.bytes
    sum.records.arrived += more.records.arrived
    sum.records.lost += more.records.lost
  }
}

/// One direction of a peer's traffic: the sum, and what the last seconds brought, in slots of 0.54 s.
struct TrafficHistory: Sendable {
  /// A power of two of nanoseconds, so that a shift finds a moment's slot.
  static let slotShift: UInt64 = 29
  /// Slots that losses are counted over: the last ten seconds and a part of one.
  static let lossSlots: UInt64 = 20
  /// Whole slots that rates are measured over, beside the one under way.
  static let rateSlots: UInt64 = 2

  private struct Slot: Sendable {
    var number: UInt64 = 0
    var count = TrafficCount()
  }

  private(set) var total = TrafficCount()
  /// Empty until a session needs it, so that contacts without one cost nothing.
  private var slots: [Slot] = []

  /// Makes room; what is noted before that is only summed.
  mutating func prepare() {
    guard slots.isEmpty else { return }
    slots = Array(repeating: Slot(), count: Int(Self.lossSlots))
  }

  mutating func note(bytes: UInt64 = 0, records: RecordCount = RecordCount(), at now: Timestamp) {
    var more = TrafficCount()
    more.bytes = bytes
    more.records = records
    total += more
    guard !slots.isEmpty else { return }
    let number = now.nanoseconds >> Self.slotShift
    let place = Int(number % Self.lossSlots)
    if slots[place].number != number { slots[place] = Slot(number: number) }
    slots[place].count += more
  }

  func report(at now: Timestamp) -> LaneTrafficReport {
    var report = LaneTrafficReport()
    report.total = total
    let current = now.nanoseconds >> Self.slotShift
    for slot in slots where slot.number + Self.lossSlots > current {
      report.recent += slot.count.records
      if slot.number + Self.rateSlots >= current { report.lateBytes += slot.count.bytes }
    }
    let first = (current - min(current, Self.rateSlots)) << Self.slotShift
    report.lateTime = now - Timestamp(nanoseconds: first)
    return report
  }
}

/// One direction of a peer's traffic, as of a report.
public struct LaneTrafficReport: Sendable, Equatable {
  /// Since the contact was added, in all its sessions.
  public internal(set) var total = TrafficCount()
  /// What became of the records of the last ten seconds.
  public internal(set) var recent = RecordCount()
  /// Bytes of inner packets of the last second or so, and how long that was.
  public internal(set) var lateBytes: UInt64 = 0
  public internal(set) var lateTime = Interval.zero

  public init() {}

  /// Of inner packets, over ``lateTime``.
  public var bitsPerSecond: UInt64 {
    guard lateTime > .zero else { return 0 }
    return UInt64(clamping: Int64(Double(lateBytes) * 8e9 / Double(lateTime.nanoseconds)))
  }

  /// Adds what another lane carried.
  mutating func add(_ other: LaneTrafficReport) {
    total += other.total
    recent += other.recent
    lateBytes += other.lateBytes
    lateTime = max(lateTime, other.lateTime)
  }
}

extension RecordCount {
  static func += (sum: inout RecordCount, more: RecordCount) {
    sum.arrived += more.arrived
    sum.lost += more.lost
  }

  /// Lost of those sent, 0...1; nil where nothing is known of any.
  public var lossRatio: Double? {
    arrived + lost == 0 ? nil : Double(lost) / Double(arrived + lost)
  }
}
