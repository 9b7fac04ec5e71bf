import IPv8Wire
import NIOCore
import NIOEmbedded
import Testing

@testable import IPv8Streams

@Suite("The way through a proxy")
struct ProxyHandlerTests {
  private final class Flag { var isSet = false }

  private static func channel(_ flag: Flag) throws -> EmbeddedChannel {
    let channel = EmbeddedChannel()
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
    let handler = ProxyHandler([UInt8]("CONNECT".utf8)) { _ in flag.isSet = true }
    try channel.pipeline.syncOperations.addHandler(handler)
    return channel
  }

  @Test("begins with the request, and is given up when the proxy agrees")
  func agreement() throws {
    let flag = Flag()
    let channel = try Self.channel(flag)
    let request = try #require(try channel.readOutbound(as: ByteBuffer.self))
    #expect(String(buffer: request) == "CONNECT")
    for byte in "HTTP/1.1 200 Connection established\r\nVia: a\r\n\r\n".utf8 {
      #expect(!flag.isSet)
      try channel.writeInbound(ByteBuffer(bytes: [byte]))
    }
    channel.embeddedEventLoop.run()
    #expect(flag.isSet && channel.isActive)
    // From now on bytes are for others.
    try channel.writeInbound(ByteBuffer(bytes: [1]))
    #expect(try channel.readInbound(as: ByteBuffer.self)?.readableBytes == 1)
    _ = try channel.finish()
  }

  @Test(
    "ends where the proxy refuses, speaks out of turn, or is none",
    arguments: [
      "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nmore",
      "SSH-2.0-OpenSSH\r\n\r\n", "\u{0}",
    ])
  func refusals(answer: String) throws {
    let flag = Flag()
    let channel = try Self.channel(flag)
    try channel.writeInbound(ByteBuffer(string: answer))
    channel.embeddedEventLoop.run()
    #expect(!flag.isSet && !channel.isActive)
    _ = try? channel.finish()
  }
}
