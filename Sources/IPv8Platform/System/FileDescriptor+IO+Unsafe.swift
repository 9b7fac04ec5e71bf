import CIPv8Linux
import Glibc
import IPv8Wire

extension FileDescriptor {
  static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0
  ) throws(SystemError) -> FileDescriptor {
    FileDescriptor(
      // Sound: the path is passed as a C string that lives for the call.
      owning: try retrying(.open) { unsafe Glibc.open(path, flags | O_CLOEXEC, mode_t(mode)) })
  }

  static func socket(
    domain: Int32, type: Int32, protocolNumber: Int32
  ) throws(SystemError) -> FileDescriptor {
    let closing = Int32(SOCK_CLOEXEC.rawValue)
    return FileDescriptor(
      owning: try retrying(.socket) { Glibc.socket(domain, type | closing, protocolNumber) })
  }

  func setOption(_ level: Int32, _ name: Int32, _ value: Int32) throws(SystemError) {
    let number = number
    var value = value
    try retrying(.setOption) {
      // Sound: the size given is that of the value pointed to.
      unsafe setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
    }
  }

  /// Reads once, at most `buffer.count` bytes; 0 at the end.
  func read(into buffer: inout [UInt8]) throws(SystemError) -> Int {
    let number = number
    let count = buffer.count
    // Sound: the count given is that of the array.
    return try retrying(.read) { unsafe Glibc.read(number, &buffer, count) }
  }

  /// Takes one message off a socket; its length, of which at most `buffer.count` bytes were kept.
  func receive(into buffer: inout [UInt8]) throws(SystemError) -> Int {
    let number = number
    let count = buffer.count
    let flags = Int32(MSG_TRUNC)
    // Sound: the count given is that of the array.
    return try retrying(.receive) { unsafe recv(number, &buffer, count, flags) }
  }

  /// Sends `bytes`, no more than a socket's buffer holds, as one message or at once.
  func send(_ bytes: [UInt8]) throws(SystemError) {
    let number = number
    let flags = Int32(MSG_NOSIGNAL)
    // Sound: the count given is that of the array.
    try retrying(.send) { unsafe Glibc.send(number, bytes, bytes.count, flags) }
  }

  /// Writes all of `bytes`, in as many calls as that takes.
  func write(_ bytes: [UInt8]) throws(SystemError) {
    let number = number
    var done = 0
    while done < bytes.count {
      done += try retrying(.write) {
        // Sound: `done` is less than the count, so what is pointed to lies within the array.
        unsafe bytes.withUnsafeBytes { buffer in
          let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[done...])
          return unsafe Glibc.write(number, rest.baseAddress, rest.count)
        }
      }
    }
  }

  func status() throws(SystemError) -> stat {
    let number = number
    var status = stat()
    // Sound: fstat fills the one value pointed to.
    try retrying(.stat) { unsafe fstat(number, &status) }
    return status
  }

  /// Waits until there is something to read or the deadline has passed; whether there is.
  func waitReadable(until deadline: Timestamp) throws(SystemError) -> Bool {
    let number = number
    while true {
      let left = max(0, (deadline - SystemClock.now()).nanoseconds)
      var entry = pollfd(fd: number, events: Int16(POLLIN), revents: 0)
      let timeout = Int32(clamping: (left + 999_999) / 1_000_000)
      // Sound: one entry is given and one is pointed to.
      let ready = try retrying(.poll) { unsafe poll(&entry, 1, timeout) }
      if ready > 0 { return true }
      if left == 0 { return false }
    }
  }
}
