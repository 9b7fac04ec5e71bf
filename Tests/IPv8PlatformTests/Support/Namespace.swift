import Glibc
import IPv8Platform
import IPv8Wire
import Testing

/// Kinds of namespaces that a thread of a test can have for itself; they end with the thread.
struct Namespaces: OptionSet {
  let rawValue: Int32
  static let network = Namespaces(rawValue: 0x4000_0000)
  static let mount = Namespaces(rawValue: 0x0002_0000)
}

let isRoot = geteuid() == 0

/// Runs `body` on a thread of its own in new namespaces, where loopback is up and mounts are
/// private, and waits for it.
func isolated(_ kinds: Namespaces, _ body: @escaping @Sendable () throws -> Void) throws {
  let box = ErrorBox()
  let thread = try NamedThread(name: "isolated") {
    do {
      try enter(kinds)
      try body()
    } catch { box.error = error }
  }
  thread.join()
  if let error = box.error { throw error }
}

/// Written by one thread and read after it was joined.
private final class ErrorBox: @unchecked Sendable {
  var error: (any Error)?
}

private func enter(_ kinds: Namespaces) throws {
  // Swift does not import unshare, which is hidden behind _GNU_SOURCE.
  let symbol = try #require(dlsym(dlopen(nil, RTLD_NOW), "unshare"))
  let unshare = unsafeBitCast(symbol, to: (@convention(c) (Int32) -> Int32).self)
  try #require(unshare(kinds.rawValue) == 0, "unshare: errno \(errno)")
  if kinds.contains(.mount) {
    let flags = UInt(MS_REC | MS_PRIVATE)
    try #require(mount("none", "/", nil, flags, nil) == 0)
  }
  if kinds.contains(.network) {
    var netlink = try Netlink()
    try netlink.setUp(try #require(InterfaceIndex(named: "lo")))
  }
}
