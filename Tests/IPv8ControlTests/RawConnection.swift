import Foundation
import Glibc

struct RawConnectionError: Error { let errno: Int32 }

/// What `request` is answered; on a thread of its own, because it blocks.
func exchange(_ request: String, with path: String) async throws -> String {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread {
      continuation.resume(with: Result { try blockingExchange(request, with: path) })
    }
  }
}

/// Sends bytes to a Unix socket and reads the answer until the other end closes.
private func blockingExchange(_ request: String, with path: String) throws -> String {
  let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  guard number >= 0 else { throw RawConnectionError(errno: errno) }
  defer { close(number) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let connected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  guard connected == 0 else { throw RawConnectionError(errno: errno) }
  var limit = timeval(tv_sec: 10, tv_usec: 0)
  setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  let bytes = [UInt8](request.utf8)
  var sent = 0
  while sent < bytes.count {
    let count = bytes[sent...].withUnsafeBytes {
      send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
    if count <= 0 { break }
    sent += count
  }
  var answer: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = recv(number, &buffer, buffer.count, 0)
    if count <= 0 { break }
    answer += buffer.prefix(count)
  }
  return String(decoding: answer, as: UTF8.self)
}
