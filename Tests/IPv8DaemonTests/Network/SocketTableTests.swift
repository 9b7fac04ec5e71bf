import IPv8Control
import IPv8Wire
import Testing

@testable import IPv8Daemon

/// Lists as Linux on a little-endian machine writes them.
@Suite struct SocketTableTests {
  private static let tcp6 = """
      sl  local_address                         remote_address                        st
       0: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 00000000
       1: 0000E8FD000000000000000001000000:D903 0000E8FD000000000000000002000000:01BB 01 00000000
       2: 0000000000000000FFFF000001004064:D904 0000000000000000FFFF000002004064:01BB 01 00000000
    """
  private static let tcp = """
      sl  local_address rem_address   st
       0: 01004064:D905 02004064:01BB 01 00000000
    """
  private static let udp6 = """
      sl  local_address                         remote_address                        st
     100: 00000000000000000000000000000000:1388 00000000000000000000000000000000:0000 07 00000000
     101: 0000E8FD000000000000000001000000:1389 00000000000000000000000000000000:0000 07 00000000
     102: 0000E8FD000000000000000001000000:138A 0000E8FD000000000000000002000000:0035 01 00000000
    """

  private func holds(
    _ table: String, _ transport: LocalSocket.TransportProtocol, _ local: String, _ remote: String,
    isSix: Bool = true
  ) throws -> Bool {
    let socket = LocalSocket(
      transport: transport, local: try #require(Endpoint(text: local)),
      remote: try #require(Endpoint(text: remote)))
    return SocketTable.contains(socket, [UInt8](table.utf8), isSix: isSix)
  }

  @Test("a TCP socket is one whose both ends are the same", .enabled(if: 1.littleEndian == 1))
  func connected() throws {
    #expect(try holds(Self.tcp6, .tcp, "[fde8::1]:55555", "[fde8::2]:443"))
    #expect(try holds(Self.tcp6, .tcp, "100.64.0.1:55556", "100.64.0.2:443"))
    #expect(try holds(Self.tcp, .tcp, "100.64.0.1:55557", "100.64.0.2:443", isSix: false))
    #expect(try !holds(Self.tcp6, .tcp, "[fde8::1]:55555", "[fde8::2]:444"))
    #expect(try !holds(Self.tcp6, .tcp, "[fde8::1]:55555", "[fde8::3]:443"))
    #expect(try !holds(Self.tcp6, .tcp, "[fde8::1]:22", "[fde8::2]:443"))
    #expect(try !holds("", .tcp, "[fde8::1]:22", "[fde8::2]:443"))
  }

  @Test("a UDP socket may be open to all, and on all addresses", .enabled(if: 1.littleEndian == 1))
  func unconnected() throws {
    #expect(try holds(Self.udp6, .udp, "[fde8::1]:5000", "[fde8::2]:53"))
    #expect(try holds(Self.udp6, .udp, "100.64.0.1:5000", "100.64.0.2:53"))
    #expect(try holds(Self.udp6, .udp, "[fde8::1]:5001", "[fde8::2]:53"))
    #expect(try holds(Self.udp6, .udp, "[fde8::1]:5002", "[fde8::2]:53"))
    #expect(try !holds(Self.udp6, .udp, "[fde8::1]:5002", "[fde8::3]:53"))
    #expect(try !holds(Self.udp6, .udp, "[fde8::9]:5001", "[fde8::2]:53"))
    #expect(try !holds(Self.udp6, .udp, "[fde8::1]:5003", "[fde8::2]:53"))
  }
}
