// better-peer SOCKET PEER PEER...
//
// A server that is there several times over, as several peers: which of them should a program talk
// to, and how fast? This one subscribes to the quality of all paths (docs/reference/control-api.md)
// and prints a line whenever the better peer is another one, or the rate to send at has changed.
//
// SOCKET is observe/sock in the daemon's state directory, which `path_readers` opens to others than
// root, or control.sock. It needs nothing of ipv8-tun but that socket.

import Foundation

/// What matters here of an entry of `/v1/paths`; what is not named is ignored.
struct Path: Decodable {
  struct RoundTrip: Decodable { let smoothedMicroseconds: Int }
  struct Traffic: Decodable { let recentLossRatio: Double? }
  struct Rate: Decodable { let availableBitsPerSecond: Int? }

  let permID: String
  let name: String
  let address6: String
  let rtt: RoundTrip?
  let toPeer: Traffic
  let rate: Rate?

  var loss: Double { toPeer.recentLossRatio ?? 0 }

  /// Microseconds until something is there and back. What is lost has to go again, and TCP notices
  /// that after 200 ms and more. Nil without a path.
  var cost: Double? {
    guard let rtt else { return nil }
    let roundTrip = Double(rtt.smoothedMicroseconds)
    return roundTrip + loss / max(1 - loss, 0.01) * (roundTrip + 200_000)
  }
}

struct Paths: Decodable { let paths: [Path] }

/// Bits per second for a stream that can adapt: four fifths of what the path would take; where that
/// is not known, less after losses and slowly more without.
struct BitRate {
  private(set) var value = 1_000_000

  /// Whether it changed by a tenth or more since that was last said.
  mutating func follow(_ path: Path) -> Bool {
    let before = value
    if let available = path.rate?.availableBitsPerSecond {
      value = available * 4 / 5
    } else {
      value = path.loss > 0.02 ? value / 2 : value + value / 10
    }
    value = min(max(value, 100_000), 8_000_000)
    return abs(value - before) * 10 >= before
  }
}

/// The lines of the answer to a GET request at a Unix socket, until its end.
func lines(of target: String, at path: String, _ each: (Substring) -> Void) -> String? {
  let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  guard number >= 0 else { return String(cString: strerror(errno)) }
  defer { close(number) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { return "too long" }
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let connected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  let request = [UInt8]("GET \(target) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
  guard connected == 0, send(number, request, request.count, Int32(MSG_NOSIGNAL)) > 0 else {
    return String(cString: strerror(errno))
  }
  var rest: [UInt8] = []
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let count = recv(number, &buffer, buffer.count, 0)
    guard count > 0 else { return count == 0 ? nil : String(cString: strerror(errno)) }
    rest += buffer.prefix(count)
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      each(String(decoding: rest[..<end], as: UTF8.self)[...])
      rest.removeSubrange(...end)
    }
  }
}

/// At once, whatever standard output is.
func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }

let arguments = CommandLine.arguments
guard arguments.count >= 3 else {
  say("usage: better-peer SOCKET PEER PEER...")
  exit(64)
}
let wanted = Set(arguments.dropFirst(2))
var best: String?
var bitRate = BitRate()

let failure = lines(of: "/v1/paths/events?intervalMilliseconds=200", at: arguments[1]) { line in
  guard line.hasPrefix("data: "),
    let news = try? JSONDecoder().decode(Paths.self, from: Data(line.dropFirst(6).utf8))
  else { return }
  let known = news.paths.filter { wanted.contains($0.name) || wanted.contains($0.permID) }
  guard let least = known.filter({ $0.cost != nil }).min(by: { $0.cost ?? 0 < $1.cost ?? 0 })
  else { return }
  // Who is only a little better is not worth a move.
  let current = known.first { $0.permID == best }
  let isKept = current?.cost.map { $0 < (least.cost ?? 0) * 1.2 } ?? false
  let chosen = isKept ? current ?? least : least
  guard bitRate.follow(chosen) || chosen.permID != best else { return }
  best = chosen.permID
  let milliseconds = Double(chosen.rtt?.smoothedMicroseconds ?? 0) / 1000
  say(
    "\(chosen.name) at \(chosen.address6): \(milliseconds) ms, \(Int(chosen.loss * 100)) % lost, "
      + "send \(bitRate.value / 1000) kbit/s")
}
say("\(arguments[1]): \(failure ?? "the daemon has ended")")
exit(failure == nil ? 0 : 1)
