import Foundation

/// The built `ipv8-tun`, run on a state directory of its own that is removed at the end.
final class Program {
  struct Outcome {
    let status: Int32
    let output: String
    let error: String

    var errorLines: [Substring] {
      error.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    }
  }

  let state: String

  init() {
    state = NSTemporaryDirectory() + "ipv8-cli-" + UUID().uuidString.prefix(8)
  }

  deinit { try? FileManager.default.removeItem(atPath: state) }

  /// Beside the test program.
  private static let url = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appendingPathComponent("ipv8-tun")

  /// Runs `arguments` with this state directory.
  func run(_ arguments: String...) throws -> Outcome {
    try Self.run(arguments + ["--state", state])
  }

  static func run(_ arguments: [String], through launcher: [String] = []) throws -> Outcome {
    let process = Process()
    var command = launcher + [url.path] + arguments
    process.executableURL = URL(fileURLWithPath: command.removeFirst())
    process.arguments = command
    let (output, error) = (Pipe(), Pipe())
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = error
    try process.run()
    let outputData = output.fileHandleForReading.readDataToEndOfFile()
    let errorData = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: String(decoding: outputData, as: UTF8.self),
      error: String(decoding: errorData, as: UTF8.self))
  }
}
