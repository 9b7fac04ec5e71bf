import Foundation

extension Host {
  /// What `make` opens on a thread that has entered this host's namespace: a socket stays where it
  /// was made, whatever thread uses it.
  func descriptor(_ make: @escaping @Sendable () -> Int32) throws -> Int32 {
    let namespace = namespace
    return try onThread {
      let fd = open("/run/netns/\(namespace)", O_RDONLY | O_CLOEXEC)
      defer { close(fd) }
      guard fd >= 0, setNamespace(fd, cloneNewNet) == 0 else {
        throw LabError.socket(namespace, errno: errno)
      }
      let made = make()
      guard made >= 0 else { throw LabError.socket(namespace, errno: errno) }
      return made
    }
  }
}

/// `CLONE_NEWNET` of <linux/sched.h>, behind `_GNU_SOURCE` in <sched.h> and so not imported.
private let cloneNewNet: Int32 = 0x4000_0000

/// `setns(2)`, not imported for the same reason.
private func setNamespace(_ descriptor: Int32, _ kind: Int32) -> Int32 {
  typealias SetNamespace = @convention(c) (Int32, Int32) -> Int32
  guard let symbol = dlsym(nil, "setns") else { return -1 }
  return unsafeBitCast(symbol, to: SetNamespace.self)(descriptor, kind)
}
