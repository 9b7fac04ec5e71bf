import FuzzTargets
import Glibc

// libFuzzer's driver with the target that the first argument names; scripts/fuzz builds and runs
// it. The driver never returns.

typealias Callback = @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt

@_silgen_name("LLVMFuzzerRunDriver")
func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ callback: Callback
) -> CInt

enum Chosen {
  static let target = CommandLine.arguments.dropFirst().first.flatMap(FuzzTarget.init)
}

guard Chosen.target != nil else {
  for target in FuzzTarget.allCases { print(target.rawValue) }
  exit(0)
}

var count = CommandLine.argc - 1
var arguments = CommandLine.unsafeArgv + 1
_ = runDriver(&count, &arguments) { start, count in
  Chosen.target?.run([UInt8](UnsafeBufferPointer(start: start, count: count)))
  return 0
}
