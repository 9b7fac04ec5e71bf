import BenchmarkTables
import Glibc

// Populations of directories with churn, Sybils, liars and partitions; scripts/simulate-population
// builds and runs it.

let usage = """
  usage: population [--seed N] [--full N]… [--light N]… [--out DIRECTORY]
    --seed N         of keys, graphs, walks and choices; 1 unless told
    --full N         populations of whole directories
    --light N        populations of which peers are versions of some records
    --out DIRECTORY  writes plots there
  """
var seed: UInt64 = 1
var fullSizes: [Int] = []
var lightSizes: [Int] = []
var out: String?
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
  guard let value = rest.popFirst() else { leave("\(argument) needs a value\n\(usage)") }
  switch (argument, Int(value)) {
  case ("--seed", let number?) where number >= 0: seed = UInt64(number)
  case ("--full", let number?) where (10...5_000).contains(number): fullSizes.append(number)
  case ("--light", let number?) where (100...2_000_000).contains(number):
    lightSizes.append(number)
  case ("--out", _): out = value
  default: leave("what is \(argument) \(value)?\n\(usage)")
  }
}
if fullSizes.isEmpty, lightSizes.isEmpty {
  fullSizes = [100, 300]
  lightSizes = [1_000, 10_000, 100_000, 1_000_000]
}
print("seed \(seed)\n")
var full: [FullReport] = []
for size in fullSizes {
  var population = FullPopulation(peers: size, seed: seed)
  full.append(population.run())
}
if !full.isEmpty {
  print(table([FullReport.head] + full.map(\.row)) + "\n")
  print(table([FullReport.secondHead] + full.map(\.secondRow)) + "\n")
}
var light: [LightReport] = []
for size in lightSizes {
  for hasFullNodes in [false, true] {
    var population = LightPopulation(peers: size, hasFullNodes: hasFullNodes, seed: seed)
    light.append(population.run())
  }
}
if !light.isEmpty {
  print(table([LightReport.head] + light.map(\.row)) + "\n")
  print(
    table([LightReport.trustHead] + light.filter { !$0.hasFullNodes }.map(\.trustRow)) + "\n")
  print(table([LightReport.byteHead] + light.map(\.byteRow)) + "\n")
}
if let out {
  let light = light.filter(\.hasFullNodes)
  let delays = Chart(
    title: "Until a change is known (s)", x: "peers",
    lines: [
      .init("half of those who keep it", light.map { (Double($0.peers), $0.half) }),
      .init("90% of them", light.map { (Double($0.peers), $0.most) }),
      .init("healed after a partition", light.map { (Double($0.peers), $0.healed) }),
    ])
  let bytes = Chart(
    title: "Bytes a second and peer", x: "peers",
    lines: [
      .init("trusted horizon", light.map { (Double($0.peers), $0.horizonBytes) }),
      .init("full node", light.map { (Double($0.peers), $0.fullBytes) }),
    ])
  delays.write(to: out + "/population-delay.svg")
  bytes.write(to: out + "/population-bytes.svg")
}
