import Glibc
import PacketWorkloads

// Nanoseconds and allocations of the parts of the packet path; scripts/microbench builds and runs
// it.

func leave(_ message: String) -> Never {
  let line = "microbench: \(message)\n"
  _ = write(STDERR_FILENO, line, line.utf8.count)
  exit(1)
}

func measure(_ options: Options) throws(Measurement.Incomplete) -> [Finding] {
  let measurements = Benchmark.all.filter { benchmark in
    options.words.allSatisfy { benchmark.name.contains($0) }
  }.map { Measurement($0, seed: options.seed) }
  let slice = UInt64(options.milliseconds) * 1_000_000
  // Each repetition takes all in turn, so that other load falls on all of them; each begins with
  // what warms the caches again.
  for repetition in 0...options.repetitions {
    for measurement in measurements {
      try measurement.repeatFor(nanoseconds: slice / 4, isKept: false)
      if repetition > 0 { try measurement.repeatFor(nanoseconds: slice, isKept: true) }
    }
  }
  return measurements.flatMap(\.findings)
}

let options: Options
do throws(Options.Wrong) {
  options = try Options(Array(CommandLine.arguments.dropFirst()))
} catch {
  leave("\(error.reason)\n\(Options.usage)")
}
do throws(Measurement.Incomplete) {
  let report = Report(seed: options.seed, options: options, findings: try measure(options))
  print(options.isJSON ? report.json : "seed \(options.seed)\n\n\(report.table)")
  let costly = report.findings.filter { $0.allocations > 0 }
  if options.isCheck, !costly.isEmpty {
    leave("these allocate: \(costly.map(\.name).joined(separator: "; "))")
  }
} catch {
  leave("\(error.name): a part of the packets was not handled")
}
