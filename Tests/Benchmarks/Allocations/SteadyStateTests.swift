import AllocationCount
import PacketWorkloads
import Testing

@Suite("Memory of the packet path in steady state")
struct SteadyStateTests {
  /// Runs after which every list has its size.
  private static let warmUp: UInt64 = 16
  private static let runs: UInt64 = 64

  /// Blocks for each packet: none. Without optimisation, generic functions over arrays and spans
  /// take some, most of them those that look a filter's services through.
  private static var allowance: UInt64 {
    #if DEBUG
      20
    #else
      0
    #endif
  }

  @Test("the counter counts")
  func counter() {
    let before = allocation_count()
    let array = [UInt8](repeating: 1, count: Int.random(in: 1000...2000))
    #expect(allocation_count() > before && !array.isEmpty)
  }

  @Test(
    "no part of it allocates, and each handles all its packets",
    arguments: Benchmark.all.map(\.name))
  func steady(name: String) throws {
    let benchmark = try #require(Benchmark.all.first { $0.name == name })
    let workload = benchmark.make(1).subject
    var allocations: UInt64 = 0
    for run in 0..<(Self.warmUp + Self.runs) {
      workload.prepare()
      let before = allocation_count()
      workload.run()
      if run >= Self.warmUp { allocations += allocation_count() - before }
      #expect(workload.isComplete)
    }
    let packets = Self.runs * UInt64(workload.packetCount)
    #expect(allocations <= packets * Self.allowance, "\(packets) packets")
  }
}
