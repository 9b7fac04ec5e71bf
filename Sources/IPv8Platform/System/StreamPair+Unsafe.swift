import Glibc

/// Two connected stream sockets. Unlike a pipe's, their loss of the other end raises no SIGPIPE.
struct StreamPair: ~Copyable {
  let first: FileDescriptor
  let second: FileDescriptor

  init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
    // Sound: exactly two descriptors are stored.
    try retrying(.socketPair) { unsafe socketpair(AF_UNIX, type, 0, &ends) }
    first = FileDescriptor(owning: ends[0])
    second = FileDescriptor(owning: ends[1])
  }
}
