import AllocationCount
import PacketWorkloads
import Testing

@Suite("Memory of the packet path in steady state")
struct SteadyStateTests {
  /// Runs after which every list has its size.
  private static let warmUp = 16
  private static let runs = 64

  /// Without optimisation, generic functions over arrays and spans allocate a few blocks.
  private static var allowed: UInt64 {
    #if DEBUG
      .max
    #else
      0
    #endif
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
    #expect(allocations <= Self.allowed)
  }
}
