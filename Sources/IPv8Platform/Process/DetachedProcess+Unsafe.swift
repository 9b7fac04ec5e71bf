import CIPv8Linux
import Glibc
import IPv8Wire

/// A child process in a session of its own that tells when it is ready.
///
/// Its standard input is empty, its output goes to a log file. Dropping the value leaves it
/// running.
public struct DetachedProcess: ~Copyable, Sendable {
  /// How the start went.
  public enum Outcome: Hashable, Sendable {
    /// What the child sent with ``ReadinessReport``.
    case reported([UInt8])
    /// The child ended without a report.
    case exited(status: Int32)
    case killed(signal: Int32)
    case timedOut
  }

  /// Number of the child's end of the socket pair that the report comes by.
  public static let reportDescriptor: Int32 = 3
  /// What is read of a report, in bytes.
  public static let reportLimit = 4_096

  public let processID: Int32
  private let report: FileDescriptor

  /// Starts `executable`.
  ///
  /// - Parameters:
  ///   - arguments: with the program's name as the first.
  ///   - log: a file that is appended to; made with mode 0640 if it is missing.
  public init(
    executable: String = "/proc/self/exe", arguments: [String], log: String
  ) throws(SystemError) {
    // Numbers that the child's own cannot collide with, whatever was closed in this process.
    let free = Self.reportDescriptor + 1
    let output = try FileDescriptor.open(
      log, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, mode: 0o640
    ).duplicate(atLeast: free)
    let pair = try StreamPair()
    let childEnd = try pair.second.duplicate(atLeast: free)
    let child = unsafe Self.withArgumentVector(arguments) { vector in
      // Sound: the path and the vector live for the call, which copies them into the child.
      unsafe cipv8_spawn_detached(
        executable, vector, output.number, childEnd.number, Self.reportDescriptor)
    }
    processID = try checked(.spawn, child)
    report = pair.first
  }

  /// Waits for the child's report or its end, whichever comes first. Call it once.
  public func outcome(until deadline: Timestamp) throws(SystemError) -> Outcome {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: Self.reportLimit)
    while bytes.count < Self.reportLimit {
      guard try report.waitReadable(until: deadline) else { return .timedOut }
      let count = try report.read(into: &buffer)
      if count == 0 { break }
      bytes += buffer.prefix(count)
    }
    return bytes.isEmpty ? try end(until: deadline) : .reported(bytes)
  }

  /// How the child ended, which closed its end.
  private func end(until deadline: Timestamp) throws(SystemError) -> Outcome {
    let processID = processID
    var status: Int32 = 0
    // Sound: one status is stored.
    while try retrying(.wait, { unsafe waitpid(processID, &status, WNOHANG) }) == 0 {
      guard SystemClock.now() < deadline else { return .timedOut }
      usleep(Self.pollingMicroseconds)
    }
    let signal = status & 0x7f
    return signal == 0 ? .exited(status: status >> 8 & 0xff) : .killed(signal: signal)
  }

  /// Between the child's closing its descriptors and its end.
  private static let pollingMicroseconds: UInt32 = 2_000

  /// Calls `body` with `arguments` as C strings, terminated by a null pointer.
  /// Begins this program anew in this process, with its arguments: one thread, and no descriptor but
  /// those that are left to it. Returns where that fails.
  public static func restart() {
    unsafe withArgumentVector(CommandLine.arguments) { vector in
      // Sound: the path and the vector live for the call, which does not return where it succeeds.
      _ = unsafe execv("/proc/self/exe", vector)
    }
  }

  private static func withArgumentVector<Result>(
    _ arguments: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
  ) -> Result {
    // Sound: each copy is freed once, after the call.
    var vector = unsafe arguments.map { unsafe strdup($0) }
    unsafe vector.append(nil)
    defer { unsafe vector.forEach { unsafe free($0) } }
    return unsafe body(vector)
  }
}
