import IPv8Control
import IPv8Platform
import IPv8Wire

/// Looks for sockets, one question at a time and beside everything else: lists may be long.
actor SocketReader {
  func holds(_ socket: LocalSocket) -> Bool { SocketTable.holds(socket) }
}

/// The kernel's list of this machine's sockets (proc_pid_net(5)).
enum SocketTable {
  /// Bytes of a list, c. 100,000 sockets; a longer one is not searched, and no socket found in it.
  static let limit = 16 << 20

  /// Whether a program has this socket: of UDP, one that may receive from there and send from here.
  static func holds(_ socket: LocalSocket) -> Bool {
    let name = socket.transport.rawValue
    var files = [name + "6"]
    if case .v4 = socket.local.address { files.append(name) }
    return files.contains { file in
      guard let table = try? File.read("/proc/self/net/" + file, limit: limit) else { return false }
      return contains(socket, table.bytes, isSix: file.hasSuffix("6"))
    }
  }

  /// - Parameter isSix: whether the list has IPv6 addresses, where IPv4 ones are mapped.
  static func contains(_ socket: LocalSocket, _ table: [UInt8], isSix: Bool) -> Bool {
    var pairs = [(text(socket.local, isSix), text(socket.remote, isSix))]
    if socket.transport == .udp {
      let none = [UInt8](repeating: UInt8(ascii: "0"), count: isSix ? 32 : 8)
      let anyLocal = none + pairs[0].0.dropFirst(none.count)
      let anyRemote = none + [UInt8](":0000".utf8)
      pairs += [(pairs[0].0, anyRemote), (anyLocal, pairs[0].1), (anyLocal, anyRemote)]
    }
    let wanted = pairs.map { $0 + [UInt8(ascii: " ")] + $1 }
    return table.split(separator: UInt8(ascii: "\n")).contains { line in
      // "  NUMBER: LOCAL REMOTE STATE ..."
      let rest = line.drop { $0 != UInt8(ascii: ":") }.dropFirst(2)
      return wanted.contains { rest.starts(with: $0) }
    }
  }

  /// `0100007F:0277`: the address as words of the machine's own byte order.
  private static func text(_ endpoint: Endpoint, _ isSix: Bool) -> [UInt8] {
    let words: [UInt32] =
      switch endpoint.address {
      case .v4(let address): isSix ? [0, 0, 0xffff, address.value] : [address.value]
      case .v6(let address):
        [96, 64, 32, 0].map { UInt32(truncatingIfNeeded: address.value >> UInt128($0)) }
      }
    let address = words.map { hexadecimal($0.bigEndian, digits: 8) }.joined()
    return [UInt8]("\(address):\(hexadecimal(UInt32(endpoint.port), digits: 4))".utf8)
  }

  private static func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return String(repeating: "0", count: digits - text.count) + text
  }
}
