import Foundation

/// A network namespace that stands for a machine.
struct Host {
  let lab: Lab
  let name: String
  /// Its address on the network beneath the overlay.
  let underlay: String

  var namespace: String { "\(lab.prefix)-\(name)" }

  /// Runs a command to its end.
  func run(
    _ arguments: String..., environment: [String: String] = [:], within seconds: Double = 60
  ) throws -> Outcome {
    try run(arguments, environment: environment, within: seconds)
  }

  func run(
    _ arguments: [String], environment: [String: String] = [:], refusing: Refusals = [],
    within seconds: Double = 60
  ) throws -> Outcome {
    try start(arguments, environment: environment, refusing: refusing).finish(within: seconds)
  }

  /// Starts a command and lets it run.
  func start(_ arguments: String..., environment: [String: String] = [:]) throws -> Command {
    try start(arguments, environment: environment)
  }

  func start(
    _ arguments: [String], environment: [String: String] = [:], refusing: Refusals = []
  ) throws -> Command {
    try Command(
      ["ip", "netns", "exec", namespace] + arguments, environment: environment,
      refusing: refusing, in: lab.directory)
  }

  func has(interface: String) throws -> Bool {
    try run("ip", "link", "show", "dev", interface).succeeded
  }

  /// One ICMPv6 echo that was answered.
  func reaches(_ address: String) throws -> Bool {
    try run("ping", "-c", "1", "-W", "1", address).succeeded
  }

  /// The processes in this namespace that run `program`, whatever they call themselves.
  func pids(running program: String) throws -> [pid_t] {
    let program = URL(fileURLWithPath: program).resolvingSymlinksInPath().path
    return try Command(["ip", "netns", "pids", namespace], in: lab.directory).finish().output
      .split(separator: "\n").compactMap { pid_t($0) }
      .filter {
        let link = "/proc/\($0)/exe"
        return (try? FileManager.default.destinationOfSymbolicLink(atPath: link)) == program
      }
  }
}
