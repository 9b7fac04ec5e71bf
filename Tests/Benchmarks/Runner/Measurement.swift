import AllocationCount
import Glibc
import PacketWorkloads

/// Median and extremes of some figures.
struct Spread {
  let median: Double
  let minimum: Double
  let maximum: Double

  /// - Parameter figures: at least one.
  init(_ figures: [Double]) {
    let sorted = figures.sorted()
    let middle = sorted.count / 2
    median =
      sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    minimum = sorted[0]
    maximum = sorted[sorted.count - 1]
  }
}

/// What was found out about one benchmark, or about what remains of it without its baseline.
struct Finding {
  let name: String
  let unit: String
  let nanoseconds: Spread
  /// For each packet, over all repetitions.
  let allocations: Double
}

/// One benchmark under measurement.
final class Measurement {
  /// The workload gave up on a part of its work.
  struct Incomplete: Error { let name: String }

  private struct Tally {
    var nanoseconds: UInt64 = 0
    var packets = 0
    var allocations: UInt64 = 0
    /// Nanoseconds for each packet, of each run.
    var runs: [Double] = []
    /// Of the middle run: one during which other programs had the processor counts as one.
    var perPacket: Double { Spread(runs).median }
  }

  private let benchmark: Benchmark
  private let pairing: Benchmark.Pairing
  private var times: [Double] = []
  private var remainders: [Double] = []
  private var total = Tally()

  init(_ benchmark: Benchmark, seed: UInt64) {
    self.benchmark = benchmark
    pairing = benchmark.make(seed)
  }

  /// Runs the workload, and its baseline in turn with it, until it took `nanoseconds` itself.
  ///
  /// - Parameter isKept: false to warm up.
  func repeatFor(nanoseconds: UInt64, isKept: Bool) throws(Incomplete) {
    var subject = Tally()
    var baseline = Tally()
    repeat {
      try run(pairing.subject, into: &subject)
      if let other = pairing.baseline { try run(other, into: &baseline) }
    } while subject.nanoseconds < nanoseconds
    guard isKept else { return }
    times.append(subject.perPacket)
    if pairing.baseline != nil { remainders.append(subject.perPacket - baseline.perPacket) }
    total.packets += subject.packets
    total.allocations += subject.allocations
  }

  private func run(_ workload: any Workload, into tally: inout Tally) throws(Incomplete) {
    workload.prepare()
    let allocated = allocation_count()
    let start = Self.now()
    workload.run()
    let nanoseconds = Self.now() - start
    tally.allocations += allocation_count() - allocated
    tally.nanoseconds += nanoseconds
    tally.packets += workload.packetCount
    tally.runs.append(Double(nanoseconds) / Double(workload.packetCount))
    guard workload.isComplete else { throw Incomplete(name: benchmark.name) }
  }

  /// Steady time, in nanoseconds.
  private static func now() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  var findings: [Finding] {
    let allocations = Double(total.allocations) / Double(total.packets)
    let whole = Finding(
      name: benchmark.name, unit: benchmark.unit, nanoseconds: Spread(times),
      allocations: allocations)
    guard let name = benchmark.remainder, !remainders.isEmpty else { return [whole] }
    let rest = Finding(
      name: name, unit: benchmark.unit, nanoseconds: Spread(remainders), allocations: allocations)
    return [whole, rest]
  }
}
