import IPv8Platform
import IPv8Wire

extension ControlLoop {
  /// The event loop's tokens of extra sockets, beyond those of others; the rest is the socket's number.
  static let socketTokens: UInt32 = 1 << 31

  /// Opens an extra socket. An attempt does without one that does not open.
  func openSocket(_ number: UInt32, to remote: Endpoint) {
    guard let socket = sockets.open(number, to: remote, by: udp.nat64) else { return }
    do throws(SystemError) {
      try loop.add(socket.side.descriptor, token: Self.token(number))
    } catch { _ = sockets.close(number) }
  }

  func closeSocket(_ number: UInt32) {
    guard let socket = sockets.close(number) else { return }
    // Fails where the first lane hears it, and not this thread.
    try? loop.remove(socket.side.descriptor)
    lanes.all[0].receive.post(.closeSocket(number))
  }

  /// From now on the first lane hears the socket, which sessions take.
  func adoptSocket(_ number: UInt32) {
    guard let socket = sockets[number], (try? loop.remove(socket.side.descriptor)) != nil
    else { return }
    lanes.all[0].receive.post(.hearSocket(number, socket))
  }

  /// Takes what came to an extra socket. False where the token is another's.
  func hearSocket(_ token: EventLoop.Token) -> Bool {
    guard token.value >= Self.socketTokens else { return false }
    let number = token.value & ~Self.socketTokens
    guard let socket = sockets[number] else { return true }
    for _ in 0..<ExtraSockets.batch {
      guard let bytes = socket.receive() else { break }
      if !bytes.isEmpty { lanes.take(bytes, from: .socket(number)) }
    }
    return true
  }

  private static func token(_ number: UInt32) -> EventLoop.Token {
    EventLoop.Token(socketTokens | number)
  }
}
