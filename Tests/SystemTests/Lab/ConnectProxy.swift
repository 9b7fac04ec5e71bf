import Foundation

/// An HTTP proxy on a host that tunnels by CONNECT for who knows its password.
final class ConnectProxy {
  static let port = 80
  static let credentials = "ada:let me out"

  private let server: Command

  init(on host: Host) throws {
    let file = "\(host.lab.directory)/proxy.py"
    try Self.program.write(toFile: file, atomically: true, encoding: .utf8)
    let password = Data(Self.credentials.utf8).base64EncodedString()
    server = try host.start("python3", file, "\(Self.port)", password)
    try eventually("the proxy listens") {
      try host.run("ss", "-Hltn").output.contains(":\(Self.port) ")
    }
  }

  /// The destinations that tunnels were made to, in order.
  var tunnels: [Substring] { server.output.split(separator: "\n") }

  private static let program = """
    import asyncio, sys

    async def pump(reader, writer):
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        writer.close()

    async def serve(reader, writer):
        head = (await reader.readuntil(b"\\r\\n\\r\\n")).decode().split("\\r\\n")
        method, target, _ = head[0].split()
        allowed = "Proxy-Authorization: Basic " + sys.argv[2]
        if method != "CONNECT" or allowed not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\\r\\n\\r\\n")
            return writer.close()
        host, port = target.rsplit(":", 1)
        there = await asyncio.open_connection(host, int(port))
        print(target, flush=True)
        writer.write(b"HTTP/1.1 200 Connection established\\r\\n\\r\\n")
        await asyncio.gather(pump(reader, there[1]), pump(there[0], writer))

    async def main():
        server = await asyncio.start_server(serve, "0.0.0.0", int(sys.argv[1]))
        await server.serve_forever()

    asyncio.run(main())
    """
}
