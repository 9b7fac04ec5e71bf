import Foundation

/// What a finished command left behind.
struct Outcome: CustomStringConvertible {
  let status: Int32
  let output: String
  let error: String

  var succeeded: Bool { status == 0 }
  var errorLines: [Substring] { error.split(separator: "\n") }

  var description: String { "exit \(status)\n\(output)\(error)" }
}

/// A running command, its output going to files so that nothing it starts can block us.
///
/// By posix_spawn(3) and not by Foundation's `Process`, which takes a command for running as
/// long as a daemon that it started runs, and hands our signal mask down.
final class Command {
  let name: String
  let pid: pid_t
  private let files: [String]
  private var status: Int32?

  /// Starts `arguments`; the first is looked up on the PATH.
  init(
    _ arguments: [String], environment: [String: String] = [:], refusing: Refusals = [],
    in directory: String
  ) throws {
    name = arguments.joined(separator: " ")
    let files = ["output", "error"].map { "\(directory)/\(UUID().uuidString).\($0)" }
    self.files = files
    let merged = ProcessInfo.processInfo.environment.merging(environment) { $1 }
      .map { "\($0)=\($1)" }
    pid = try onThread {
      try refusing.restrictThread()
      return try Self.spawn(
        arguments, environment: merged, output: files[0], error: files[1])
    }
  }

  deinit {
    if isRunning {
      kill(pid, SIGKILL)
      waitpid(pid, nil, 0)
    }
  }

  /// Reaps the process when it has ended.
  var isRunning: Bool {
    guard status == nil else { return false }
    var raw: Int32 = 0
    guard waitpid(pid, &raw, WNOHANG) == pid else { return true }
    // As a shell has it: the exit code, or 128 and the signal that ended it.
    status = raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + raw & 0x7f
    return false
  }

  var output: String { Self.text(files[0]) }
  var error: String { Self.text(files[1]) }

  func signal(_ signal: Int32) { kill(pid, signal) }

  /// Waits for the end; a command that outlives `seconds` hangs, and is an error.
  func finish(within seconds: Double = 60) throws -> Outcome {
    try eventually("'\(name)' ends", within: seconds) { !isRunning }
    return Outcome(status: status ?? -1, output: output, error: error)
  }

  private static func text(_ file: String) -> String {
    String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
  }

  private static func spawn(
    _ arguments: [String], environment: [String], output: String, error: String
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o644)
    posix_spawn_file_actions_addopen(&actions, 2, error, O_WRONLY | O_CREAT, 0o644)

    // A signal that the test runner blocks or ignores must reach the command all the same.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

    var argv = arguments.map { strdup($0) } + [nil]
    var envp = environment.map { strdup($0) } + [nil]
    defer { for string in argv + envp { free(string) } }
    var pid: pid_t = 0
    let failure = posix_spawnp(&pid, arguments[0], &actions, &attributes, &argv, &envp)
    guard failure == 0 else { throw LabError.spawn(arguments[0], errno: failure) }
    return pid
  }
}

/// Runs `body` on a thread of its own, which what it does to itself ends with.
func onThread<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) throws -> Value {
  let box = ResultBox<Value>()
  Thread {
    box.result = Result { try body() }
    box.done.signal()
  }.start()
  box.done.wait()
  guard let result = box.result else { preconditionFailure("the thread has left a result") }
  return try result.get()
}

/// Written by one thread before `done`, read by another after it.
private final class ResultBox<Value>: @unchecked Sendable {
  let done = DispatchSemaphore(value: 0)
  var result: Result<Value, any Error>?
}

/// A condition that did not come true before its deadline.
struct Timeout: Error, CustomStringConvertible {
  let condition: String
  let seconds: Double
  var description: String { "after \(seconds) s still not true: \(condition)" }
}

/// Polls until `condition` holds. The deadline only detects a hang: it is no measurement.
func eventually(
  _ name: String, within seconds: Double = 20, every microseconds: UInt32 = 5_000,
  _ condition: () throws -> Bool
) throws {
  let clock = ContinuousClock()
  let deadline = clock.now + .seconds(seconds)
  while try !condition() {
    guard clock.now < deadline else { throw Timeout(condition: name, seconds: seconds) }
    usleep(microseconds)
  }
}
