import Glibc

// How fast the store of records is with a million of them; scripts/store-bench builds and runs it.

let usage = """
  usage: storebench PHASE FILE [--seed N] [--peers N] [--relations N] [--kills N]
    PHASE           fill, load, keep, start, lookup or verify; fill comes first. Or kill, with a file of its own
    --peers N       bindings in the file; 1000000 unless told
    --relations N   relations beside them; 0 unless told
    --kills N       how often the writer is killed; 1000 unless told
  """
var arguments = CommandLine.arguments.dropFirst()
guard let phase = arguments.popFirst(), let path = arguments.popFirst() else { leave(usage) }
var numbers = ["--seed": 1, "--peers": 1_000_000, "--relations": 0, "--kills": 1_000, "--from": 0]
while let option = arguments.popFirst() {
  guard numbers[option] != nil, let number = arguments.popFirst().flatMap(Int.init), number >= 0
  else { leave("\(option): unknown, or no number\n\(usage)") }
  numbers[option] = number
}
let phases = Phases(
  path: path, count: max(numbers["--peers"] ?? 0, 2), relations: numbers["--relations"] ?? 0,
  sample: Sample(seed: UInt64(numbers["--seed"] ?? 0)))
do {
  switch phase {
  case "fill": try phases.fill()
  case "load": try phases.load(keeping: false)
  case "keep": try phases.load(keeping: true)
  case "start": try phases.start()
  case "lookup": try phases.lookUp()
  case "verify": phases.verify()
  case "kill": try Kills(path: path, sample: Sample(seed: 1)).run(numbers["--kills"] ?? 0)
  case "write": try Kills(path: path, sample: Sample(seed: 1)).write(from: numbers["--from"] ?? 0)
  default: leave(usage)
  }
} catch { leave("\(error)") }
