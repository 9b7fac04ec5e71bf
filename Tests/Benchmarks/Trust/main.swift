import BenchmarkTables
import Glibc

// How fast scores and friendship paths are, and what attacks gain; scripts/trust-bench builds and
// runs it.

let usage = """
  usage: trustbench [--seed N] [--peers N]… [--no-sybils]
    --seed N      of graphs, walks and choices; 1 unless told
    --peers N     sizes of graphs; 10000, 100000 and 1000000 unless told; 0 for none
    --no-sybils   without the attacks
  """
var seed: UInt64 = 1
var sizes: [Int] = []
var hasSybils = true
var rest = CommandLine.arguments.dropFirst()
while let argument = rest.popFirst() {
  switch argument {
  case "--seed", "--peers":
    guard let number = rest.popFirst().flatMap(Int.init), (0...4_000_000).contains(number) else {
      leave("\(argument) needs a number\n\(usage)")
    }
    if argument == "--seed" { seed = UInt64(number) } else { sizes.append(number) }
  case "--no-sybils": hasSybils = false
  default: leave("unknown option \(argument)\n\(usage)")
  }
}
if sizes.isEmpty { sizes = [10_000, 100_000, 1_000_000] }
print("seed \(seed)\n")
let speeds = sizes.filter { $0 > 1 }.map { Speed(peerCount: $0, seed: seed) }
if !speeds.isEmpty {
  print(table([Speed.head] + speeds.map(\.row)) + "\n")
  print(table([Speed.pathHead] + speeds.map(\.pathRow)) + "\n")
  print(table([Speed.otherHead] + speeds.map(\.otherRow)) + "\n")
}
if hasSybils { print(Sybils.table(seed: seed)) }
