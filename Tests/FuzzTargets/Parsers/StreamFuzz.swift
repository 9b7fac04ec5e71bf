import IPv8Traversal
import IPv8Wire

enum StreamFuzz {
  /// Bytes of a stream, at either end: the first byte says at which, and how the rest is cut.
  static func link(_ bytes: [UInt8]) {
    guard let first = bytes.first else { return }
    var link =
      first & 1 == 0
      ? StreamLink(serving: "/a") : StreamLink(dialling: "b", path: "/a", seed: 0)
    var outputs: [StreamLink.Output] = []
    var rest = bytes.dropFirst()
    while !rest.isEmpty {
      link.receive(Array(rest.prefix(Int(first >> 1) + 1)), into: &outputs)
      rest = rest.dropFirst(Int(first >> 1) + 1)
    }
    var isOpen = false
    for (place, output) in outputs.enumerated() {
      switch output {
      case .opened: isOpen = true
      case .datagram(let datagram):
        precondition(isOpen && !datagram.isEmpty, "datagrams come after the handshake")
        precondition(
          datagram.count <= StreamLink.datagramLimit, "and are no longer than is allowed")
      case .closed: precondition(place == outputs.count - 1, "nothing comes after the end")
      case .send: break
      }
    }
    _ = WebSocketHandshake.status(ofResponse: bytes)
    let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
    if let address = ToldAddress(text: text) {
      precondition(ToldAddress(text: "\(address)") == address, "an address is read as printed")
    }
    if let proxy = HTTPProxy(text: text), let host = HostPort(text: "a:1") {
      precondition(
        proxy.request(to: host).count { $0 == UInt8(ascii: "\n") } <= 4, "no line is smuggled in")
    }
    _ = ProxyExemptions(text).covers("a")
  }
}
