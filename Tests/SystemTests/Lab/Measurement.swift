import Foundation

/// A script of this repository that builds a lab of its own, measures there and prints JSON.
enum Measurement {
  /// What `scripts/NAME` found; its remarks go to our standard output.
  static func run<Record: Decodable>(
    _ name: String, _ arguments: String..., within seconds: Double
  ) throws -> Record {
    guard geteuid() == 0 else { throw LabError.needsRoot }
    let directory = "/tmp/ipv8-measure-\(UUID().uuidString.prefix(8).lowercased())"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    let script = ["\(Lab.repository)/scripts/\(name)", "--json", "--binary", try Lab.binary()]
    let command = try Command(script + arguments, in: directory)
    let outcome: Outcome
    do {
      outcome = try command.finish(within: seconds)
    } catch {
      // So that the script takes its namespaces with it.
      command.signal(SIGTERM)
      _ = try command.finish(within: 30)
      throw error
    }
    guard outcome.succeeded else { throw LabError.failed(command: name, outcome) }
    print(outcome.error)
    return try JSONDecoder().decode(Record.self, from: Data(outcome.output.utf8))
  }
}
