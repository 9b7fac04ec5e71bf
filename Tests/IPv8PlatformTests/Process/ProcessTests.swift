import Foundation
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

/// The probe lies beside the test executable.
private func probePath() throws -> String {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  return (own as NSString).deletingLastPathComponent + "/PlatformProbe"
}

private func start(_ arguments: String..., log: String) throws -> DetachedProcess {
  try DetachedProcess(executable: probePath(), arguments: ["probe"] + arguments, log: log)
}

private var soon: Timestamp { SystemClock.now() + .seconds(20) }

private func text(_ path: String) throws -> String {
  String(decoding: try File.read(path, limit: 1 << 16).bytes, as: UTF8.self)
}

@Suite("A detached process")
struct DetachedProcessTests {
  @Test("reports that it is ready from a session of its own, its output in the log")
  func report() throws {
    let directory = try TemporaryDirectory()
    let child = try start("report", log: directory.file("log"))
    defer {
      kill(child.processID, SIGKILL)
      waitpid(child.processID, nil, 0)
    }
    #expect(try child.outcome(until: soon) == .reported([UInt8]("ready".utf8)))
    #expect(try text(directory.file("log")) == "session true input -1\n")
  }

  @Test("that ends without a report is told with its status or signal")
  func failure() throws {
    let directory = try TemporaryDirectory()
    let log = directory.file("log")
    #expect(try start("exit", log: log).outcome(until: soon) == .exited(status: 7))
    #expect(try start("abort", log: log).outcome(until: soon) == .killed(signal: SIGKILL))
    #expect(try start("nonsense", log: log).outcome(until: soon) == .exited(status: 1))
    #expect(try text(log) == "unknown command\n")
  }

  @Test("that cannot be started is an error")
  func missing() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: SystemError(.spawn, errno: ENOENT)) {
      _ = try DetachedProcess(
        executable: directory.file("none"), arguments: ["none"], log: directory.file("log"))
    }
  }
}

@Suite("Privileges", .enabled(if: isRoot, "needs root"))
struct PrivilegeTests {
  /// CAP_NET_ADMIN alone.
  private static let netAdmin = "0000000000001000"
  private static let none = "0000000000000000"

  private func dropped(_ user: String?) throws -> String {
    let directory = try TemporaryDirectory()
    let log = directory.file("log")
    let arguments = ["probe", "drop"] + (user.map { [$0] } ?? [])
    let child = try DetachedProcess(executable: probePath(), arguments: arguments, log: log)
    let outcome = try child.outcome(until: soon)
    let output = try text(log)
    #expect(outcome == .exited(status: user == "no-such-user" ? 1 : 0), "\(output)")
    return output
  }

  @Test("after the drop only CAP_NET_ADMIN is left, of an ordinary user, for good")
  func drop() throws {
    let account = try #require(try UserAccount(named: "nobody"))
    let (user, group) = (account.userID, account.groupID)
    #expect(
      try dropped("nobody") == """
        user \(user) \(user) group \(group) \(group)
        groups 1
        administers true
        becomes root false
        CapInh:\t\(Self.none)
        CapPrm:\t\(Self.netAdmin)
        CapEff:\t\(Self.netAdmin)
        CapBnd:\t\(Self.netAdmin)
        CapAmb:\t\(Self.none)
        NoNewPrivs:\t1
        configures true

        """)
  }

  @Test("without a user named root stays, with CAP_NET_ADMIN alone")
  func dropAsRoot() throws {
    let output = try dropped(nil)
    #expect(output.contains("user 0 0 "))
    #expect(output.contains("CapEff:\t\(Self.netAdmin)\n"))
    #expect(output.contains("CapBnd:\t\(Self.netAdmin)\n"))
    #expect(output.contains("configures true\n"))
  }

  @Test("an unknown user is an error of its own, before anything is dropped")
  func unknownUser() throws {
    #expect(try UserAccount(named: "no-such-user") == nil)
    #expect(try dropped("no-such-user") == "unknownUser(\"no-such-user\")\n")
  }

  @Test("with other threads about nothing is dropped")
  func threads() throws {
    let directory = try TemporaryDirectory()
    let child = try start("drop-with-threads", log: directory.file("log"))
    #expect(try child.outcome(until: soon) == .exited(status: 1))
    #expect(try text(directory.file("log")) == "otherThreads\n")
  }

  @Test("root administers the network, and is an account")
  func root() throws {
    #expect(Privileges.canAdministerNetwork())
    #expect(try UserAccount(named: "root")?.userID == 0)
  }
}

@Suite("The service notifier", .serialized)
struct ServiceNotifierTests {
  @Test("sends its state to the socket that the environment names, and else to nobody")
  func notification() throws {
    unsetenv("NOTIFY_SOCKET")
    ServiceNotifier.ready()
    let name = "@ipv8-platform-test-\(getpid())"
    let type = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let socket = try FileDescriptor.socket(domain: AF_UNIX, type: type, protocolNumber: 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { path in
      path.copyBytes(from: name.utf8)
      path[0] = 0
    }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + name.utf8.count)
    let bound = withUnsafeBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { bind(socket.number, $0.baseAddress, length) }
    }
    try #require(bound == 0)
    setenv("NOTIFY_SOCKET", name, 1)
    defer { unsetenv("NOTIFY_SOCKET") }
    ServiceNotifier.ready()
    ServiceNotifier.stopping()
    for expected in ["READY=1", "STOPPING=1"] {
      var buffer = [UInt8](repeating: 0, count: 100)
      let count = try socket.receive(into: &buffer)
      #expect(String(decoding: buffer.prefix(count), as: UTF8.self) == expected)
    }
  }
}
