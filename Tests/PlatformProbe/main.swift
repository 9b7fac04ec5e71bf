// A child process for tests of what a process can do only to itself. Its output goes to the log
// that the test reads.

import Glibc
import IPv8Platform

func fail(_ text: String) -> Never {
  print(text)
  exit(1)
}

/// Drops privileges, then says what is left.
func drop(to user: String?) {
  do { try Privileges.drop(to: user, keeping: [.netAdmin]) } catch { fail("\(error)") }
  print("user \(getuid()) \(geteuid()) group \(getgid()) \(getegid())")
  print("groups \(getgroups(0, nil))")
  print("administers \(Privileges.canAdministerNetwork())")
  print("becomes root \(setuid(0) == 0 && user != nil)")
  do {
    let status = try File.read("/proc/self/status", limit: 1 << 16)
    let lines = String(decoding: status.bytes, as: UTF8.self).split(separator: "\n")
    for line in lines where line.hasPrefix("Cap") || line.hasPrefix("NoNewPrivs") { print(line) }
  } catch { fail("\(error)") }
  do {
    var netlink = try Netlink()
    guard let loopback = InterfaceIndex(named: "lo") else { fail("no loopback") }
    try netlink.setUp(loopback)
    print("configures true")
  } catch { print("configures \(error)") }
}

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "drop": drop(to: arguments.dropFirst().first)
case "drop-with-threads":
  do {
    let thread = try NamedThread(name: "other") { while true { pause() } }
    _ = consume thread
    try Privileges.drop(to: nil, keeping: [])
  } catch { fail("\(error)") }
case "report":
  guard let report = ReadinessReport() else { fail("no pipe") }
  print("session \(getsid(0) == getpid()) input \(getchar())")
  fflush(nil)
  do { try report.send([UInt8]("ready".utf8)) } catch { fail("\(error)") }
  while true { pause() }
case "exit": exit(7)
case "abort": kill(getpid(), SIGKILL)
default: fail("unknown command")
}
