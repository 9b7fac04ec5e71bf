import TestVectors
import Testing

@testable import IPv8Wire

/// docs/protocol/streams.md
@Suite("WebSocket")
struct WebSocketTests {
  @Test(
    "SHA-1 gives the digests of RFC 3174",
    arguments: [
      ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "84983e441c3bd26ebaae4aa1f95129e5e54670f1"
      ),
      (
        String(repeating: "0123456701234567", count: 40), "dea356a2cddd90c7a7ecedc5ebb563934f460452"
      ),
      ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
    ])
  func sha1(text: String, digest: String) {
    let hex = SHA1.hash([UInt8](text.utf8)).map {
      String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
    }
    #expect(hex.joined() == digest)
  }

  @Test(
    "base64 is that of RFC 4648 §10",
    arguments: [
      ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
      ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
  func base64(text: String, encoded: String) {
    #expect(Base64.encode([UInt8](text.utf8)) == encoded)
  }

  @Test("a key is accepted as in RFC 6455 §1.3")
  func accept() {
    #expect(
      WebSocketHandshake.accept("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
  }

  @Test("frames are those of RFC 6455 §5.7")
  func frames() throws {
    let hello = [UInt8]("Hello".utf8)
    #expect(
      WebSocketFrame.bytes(.text, hello, mask: nil) == [0x81, 0x05, 0x48, 0x65, 0x6c, 0x6c, 0x6f])
    let masked = WebSocketFrame.bytes(.text, hello, mask: 0x37fa_213d)
    #expect(masked == [0x81, 0x85, 0x37, 0xfa, 0x21, 0x3d, 0x7f, 0x9f, 0x4d, 0x51, 0x58])
    let long = WebSocketFrame.bytes(.binary, [UInt8](repeating: 1, count: 256), mask: nil)
    #expect(long.prefix(4) == [0x82, 0x7e, 0x01, 0x00])
    let frame = try WebSocketFrame(masked.rawSpan, limit: 5)
    #expect(frame.isFinal && frame.opcode == .text && frame.mask == 0x37fa_213d)
    #expect(frame.payload == 6..<11)
  }

  @Test("a frame that is cut anywhere is waited for")
  func cuts() {
    for size in [0, 1, 125, 126, 127, 128, 2_048] {
      for mask in [nil, 7] as [UInt32?] {
        let bytes = WebSocketFrame.bytes(.binary, [UInt8](repeating: 3, count: size), mask: mask)
        for count in 0..<bytes.count {
          #expect(throws: WebSocketFrame.Failure.incomplete) {
            let cut = [UInt8](bytes.prefix(count))
            _ = try WebSocketFrame(cut.rawSpan, limit: 2_048)
          }
        }
        let frame = try? WebSocketFrame(bytes.rawSpan, limit: 2_048)
        #expect(frame?.payload == bytes.count - size..<bytes.count)
      }
    }
  }

  @Test(
    "what no end of ours sends is malformed at once",
    arguments: [
      [0xc2, 0x00],  // RSV1: an extension
      [0x83, 0x00],  // an opcode that is reserved
      [0x82, 0x7f],  // eight bytes of length
      [0x82, 0x7e, 0x00, 0x7d],  // two bytes of length where one does
      [0x82, 0x7e, 0x08, 0x01],  // longer than the limit
      [0x09, 0x00],  // a ping in pieces
      [0x89, 0x7e, 0x00, 0x7e],  // a long ping
    ] as [[UInt8]])
  func malformed(bytes: [UInt8]) {
    #expect(throws: WebSocketFrame.Failure.malformed) {
      _ = try WebSocketFrame(bytes.rawSpan, limit: 2_048)
    }
  }

  @Test("a request at the right path is read, in whatever pieces it comes")
  func request() {
    let key = Base64.encode([UInt8](repeating: 9, count: 16))
    let request = WebSocketHandshake.request(path: "/abc", host: "example.org", key: key)
    for count in 0..<request.count {
      let cut = [UInt8](request.prefix(count))
      #expect(WebSocketHandshake.key(inRequest: cut, path: "/abc") == .incomplete)
    }
    #expect(
      WebSocketHandshake.key(inRequest: request + [1, 2], path: "/abc")
        == .whole(key, next: request.count))
    #expect(
      WebSocketHandshake.key(inRequest: request, path: "/abd") == .whole(nil, next: request.count))
    let response = WebSocketHandshake.response(to: key)
    #expect(
      WebSocketHandshake.accepts(response: response, to: key) == .whole(true, next: response.count))
    #expect(
      WebSocketHandshake.accepts(response: response, to: "other")
        == .whole(false, next: response.count))
  }

  @Test("what is no HTTP, or does not end, is given up")
  func garbage() {
    let key = WebSocketHandshake.key
    #expect(key([0x16, 0x03, 0x01], "/") == .malformed)
    let endless = [UInt8](repeating: UInt8(ascii: "a"), count: 8_192)
    #expect(key(endless, "/") == .malformed)
    #expect(key([UInt8]("\r\n".utf8), "/") == .malformed)
    #expect(
      WebSocketHandshake.status(ofResponse: [UInt8]("HTTP/1.1 200 OK\r\n\r\n".utf8))
        == .whole(200, next: 19))
    #expect(
      WebSocketHandshake.status(ofResponse: [UInt8]("HTTP/1.1 OK\r\n\r\n".utf8))
        == .whole(nil, next: 15))
  }
}
