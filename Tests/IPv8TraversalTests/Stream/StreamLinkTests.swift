import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/streams.md
@Suite("A stream of datagrams")
struct StreamLinkTests {
  private static func pair(_ path: String = "/x") -> (StreamLink, StreamLink) {
    (StreamLink(dialling: "example.org", path: path, seed: 1), StreamLink(serving: "/x"))
  }

  /// What `link` makes of `bytes`, given in pieces of up to `piece` bytes.
  private static func receive(
    _ bytes: [UInt8], at link: inout StreamLink, piece: Int = .max
  ) -> [StreamLink.Output] {
    var outputs: [StreamLink.Output] = []
    var rest = bytes[...]
    while !rest.isEmpty {
      link.receive(Array(rest.prefix(piece)), into: &outputs)
      rest = rest.dropFirst(piece)
    }
    return outputs
  }

  private static func sent(_ outputs: [StreamLink.Output]) -> [UInt8] {
    outputs.flatMap { output -> [UInt8] in if case .send(let bytes) = output { bytes } else { [] } }
  }

  /// Both ends after the handshake.
  private static func open() -> (StreamLink, StreamLink) {
    var (client, server) = pair()
    let answer = receive(client.request, at: &server)
    _ = receive(sent(answer), at: &client)
    return (client, server)
  }

  @Test("datagrams arrive in both directions as they were, however the bytes are cut")
  func datagrams() {
    var random = TestRandom("Stream of datagrams")
    var (client, server) = Self.pair()
    let greeting = Self.receive(client.request, at: &server, piece: 7)
    #expect(greeting.last == .opened && server.isOpen)
    #expect(Self.receive(Self.sent(greeting), at: &client, piece: 5) == [.opened])
    for size in [1, 125, 126, 1_400, 2_048] + (0..<100).map({ _ in Int(random.next() % 2_047) + 1 })
    {
      let (up, down) = (random.bytes(size), random.bytes(size))
      let piece = Int(random.next() % 900) + 1
      #expect(Self.receive(client.message(up), at: &server, piece: piece) == [.datagram(up)])
      #expect(Self.receive(server.message(down), at: &client, piece: piece) == [.datagram(down)])
    }
    let many = (0..<200).map { [UInt8](repeating: UInt8($0), count: 1 + $0 * 9) }
    let bytes = many.flatMap { client.message($0) }
    let joined = Self.receive(bytes, at: &server, piece: 16_384)
    #expect(joined.count == many.count)
    #expect(joined == many.map { .datagram($0) })
  }

  @Test("what follows the handshake in the same bytes is not lost")
  func coalescence() {
    var (client, server) = Self.pair()
    let outputs = Self.receive(client.request + client.message([7]), at: &server)
    #expect(outputs.suffix(2) == [.opened, .datagram([7])])
  }

  @Test(
    "who does not know the path, or speaks plain HTTP, finds no page",
    arguments: [
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET /x HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST /x HTTP/1.1\r\n\r\n", "\u{16}\u{3}\u{1}", "SSH-2.0-OpenSSH_9.6\r\n\r\n",
    ])
  func strangers(request: String) {
    var server = StreamLink(serving: "/x")
    let outputs = Self.receive([UInt8](request.utf8), at: &server)
    #expect(outputs == [.send(WebSocketHandshake.notFound), .closed])
    var (client, other) = Self.pair("/y")
    #expect(
      Self.receive(client.request, at: &other) == [.send(WebSocketHandshake.notFound), .closed])
    #expect(Self.receive(WebSocketHandshake.notFound, at: &client) == [.closed])
    #expect(Self.receive(server.message([1]), at: &client).isEmpty)
  }

  @Test("a ping is answered, a close is answered and ends the stream")
  func controls() {
    var (client, server) = Self.open()
    let ping = Self.receive(client.ping(), at: &server)
    #expect(ping == [.send(WebSocketFrame.bytes(.pong, [], mask: nil))])
    #expect(Self.receive(Self.sent(ping), at: &client).isEmpty)
    let close = Self.receive(client.close(), at: &server)
    #expect(close == [.send(WebSocketFrame.bytes(.close, [], mask: nil)), .closed])
    #expect(Self.receive(Self.sent(close), at: &client).isEmpty)
    #expect(!client.isOpen && !server.isOpen)
  }

  @Test("a message that a proxy cut into fragments is joined, up to its limits")
  func fragments() {
    var (_, server) = Self.open()
    func fragment(_ first: UInt8, _ payload: [UInt8]) -> [UInt8] {
      [first, 0x80 | UInt8(payload.count), 0, 0, 0, 0] + payload
    }
    let pieces =
      fragment(0x02, [1]) + fragment(0x89, []) + fragment(0x00, [2]) + fragment(0x80, [3])
    let outputs = Self.receive(pieces, at: &server)
    #expect(outputs.last == .datagram([1, 2, 3]) && outputs.count == 2)
    let endless = fragment(0x02, [1]) + (0..<20).flatMap { _ in fragment(0x00, [1]) }
    #expect(Self.receive(endless, at: &server) == [.closed])
  }

  @Test(
    "text, a continuation of nothing, a wrong mask and a message too long end it",
    arguments: [
      [0x81, 0x80, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0], [0x82, 0x01, 1],
      [0x82, 0xfe, 0x08, 0x01, 0, 0, 0, 0],
    ] as [[UInt8]])
  func violations(bytes: [UInt8]) {
    var (_, server) = Self.open()
    #expect(Self.receive(bytes, at: &server) == [.closed])
    #expect(Self.receive([0x82, 0x81, 0, 0, 0, 0, 1], at: &server).isEmpty)
  }
}
