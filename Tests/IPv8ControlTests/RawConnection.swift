import Foundation
import Glibc

struct RawConnectionError: Error { let errno: Int32 }

/// A client that sends what it likes. Its calls block.
final class RawConnection: Sendable {
  private let number: Int32

  init(to path: String) throws {
    number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw RawConnectionError(errno: errno) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let connected = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard connected == 0 else { throw RawConnectionError(errno: errno) }
  }

  deinit { close(number) }

  /// Sends `text`, or as much of it as the other end takes before it closes.
  func send(_ text: String) {
    let bytes = [UInt8](text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count <= 0 { break }
      sent += count
    }
  }

  /// Whether the other end closes, nothing being read; waits for it.
  func hangsUp(within seconds: Int32) -> Bool {
    var entry = pollfd(fd: number, events: 0, revents: 0)
    return poll(&entry, 1, seconds * 1000) == 1 && entry.revents & Int16(POLLHUP) != 0
  }

  /// What arrives until `isWhole`, or until the other end closes; nil where neither comes in time.
  func receive(
    within seconds: Int = 30, until isWhole: (String) -> Bool = { _ in false }
  ) -> String? {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var answer: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(number, &buffer, buffer.count, 0)
      if count < 0 && errno == EAGAIN { return nil }
      answer += buffer.prefix(max(count, 0))
      let text = String(decoding: answer, as: UTF8.self)
      if count <= 0 || isWhole(text) { return text }
    }
  }
}

/// Runs `body`, which blocks, on a thread of its own.
func blocking<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}

/// What `request` is answered until the other end closes; nil where it does not.
func exchange(_ request: String, with path: String) async throws -> String? {
  try await blocking {
    let connection = try RawConnection(to: path)
    connection.send(request)
    return connection.receive()
  }
}
