import Foundation

/// A UDP datagram that crossed a host's cable.
struct CapturedDatagram {
  let source: String
  let sourcePort: UInt16
  let destination: String
  let destinationPort: UInt16
  let payload: [UInt8]
}

/// A tcpdump on a host's interface, from its making until ``stop()``.
final class Capture {
  private let command: Command
  private let file: String

  init(on host: Host, interface: String = "eth0", filter: String = "udp") throws {
    file = "\(host.lab.directory)/\(UUID().uuidString).pcap"
    command = try host.start(
      "tcpdump", "-i", interface, "-n", "-s", "0", "-U", "-Z", "root", "--immediate-mode",
      "-w", file, filter)
    try eventually("tcpdump listens") { command.error.contains("listening on") }
  }

  /// Ends the capture; every byte that it saw.
  func stop() throws -> Data {
    command.signal(SIGTERM)
    _ = try command.finish()
    return FileManager.default.contents(atPath: file) ?? Data()
  }

  /// What was captured so far.
  func datagrams() -> [CapturedDatagram] {
    Self.parse([UInt8](FileManager.default.contents(atPath: file) ?? Data()))
  }

  /// Ends the capture; the IPv4 UDP datagrams that it saw.
  func stopAndParse() throws -> [CapturedDatagram] { Self.parse([UInt8](try stop())) }

  /// The classic pcap format: a 24-byte header, then 16 bytes before each Ethernet frame.
  private static func parse(_ bytes: [UInt8]) -> [CapturedDatagram] {
    var found: [CapturedDatagram] = []
    var offset = 24
    while offset + 16 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[offset + 8 + $1]) << (8 * $1) }
      let frame = offset + 16
      guard frame + length <= bytes.count else { break }
      if let datagram = parse(frame: Array(bytes[frame..<frame + length])) {
        found.append(datagram)
      }
      offset = frame + length
    }
    return found
  }

  private static func parse(frame: [UInt8]) -> CapturedDatagram? {
    guard frame.count >= 42, frame[12] == 0x08, frame[13] == 0x00, frame[23] == 17 else {
      return nil
    }
    let udp = 14 + Int(frame[14] & 0x0f) * 4
    guard frame.count >= udp + 8 else { return nil }
    func number(_ at: Int) -> UInt16 { UInt16(frame[at]) << 8 | UInt16(frame[at + 1]) }
    func address(_ at: Int) -> String {
      frame[at..<at + 4].map(String.init).joined(separator: ".")
    }
    let end = min(frame.count, udp + Int(number(udp + 4)))
    return CapturedDatagram(
      source: address(26), sourcePort: number(udp), destination: address(30),
      destinationPort: number(udp + 2), payload: Array(frame[min(udp + 8, end)..<end]))
  }
}
