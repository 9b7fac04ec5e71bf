import Foundation

/// An `ipv8-tun` with its state directory on a host.
struct Peer {
  static let port: UInt16 = 45_000
  static let interface = "ipv8"

  let host: Host
  let state: String

  /// A fresh state directory; nothing runs yet.
  init(on host: Host) throws {
    self.host = host
    state = "\(host.lab.directory)/\(host.name)"
    try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
  }

  /// The same peer after its host has moved.
  init(_ peer: Peer, on host: Host) {
    self.host = host
    state = peer.state
  }

  /// Runs one command of the program on this peer's state.
  func tun(_ arguments: String..., within seconds: Double = 30) throws -> Outcome {
    try host.run([Lab.binary()] + arguments + ["--state", state], within: seconds)
  }

  /// As ``tun(_:within:)``, but a failure of the command is an error here.
  @discardableResult
  func expect(_ arguments: String...) throws -> Outcome {
    let outcome = try host.run([Lab.binary()] + arguments + ["--state", state], within: 30)
    guard outcome.succeeded else {
      throw LabError.failed(command: arguments.joined(separator: " "), outcome)
    }
    return outcome
  }

  /// - Parameter refusing: what the daemon's kernel does not do.
  @discardableResult
  func up(
    _ options: String..., environment: [String: String] = [:], refusing: Refusals = []
  ) throws -> Outcome {
    let command = [
      try Lab.binary(), "up", "--state", state, "--interface", Self.interface,
      "--port", "\(Self.port)",
    ]
    let outcome = try host.run(
      command + options, environment: environment, refusing: refusing, within: 30)
    guard outcome.succeeded else { throw LabError.failed(command: "up", outcome) }
    return outcome
  }

  func down() throws { try expect("down") }

  func identity() throws -> Identity {
    try Self.decode(Identity.self, expect("id", "--json"))
  }

  func status() throws -> Status {
    try Self.decode(Status.self, expect("status", "--json"))
  }

  func status(of other: Peer) throws -> Status.Peer? {
    let permID = try other.identity().permID
    return try status().peers.first { $0.permID == permID }
  }

  /// Writes `other` into this peer's address book.
  func add(_ other: Peer, at address: String? = nil, keepOpen: Bool = false) throws {
    var command = [try Lab.binary(), "peer", "add", try other.identity().permID]
    command += ["--name", other.host.name]
    if let address { command += ["--endpoint", "\(address):\(Self.port)"] }
    if keepOpen { command += ["--keep-open"] }
    let outcome = try host.run(command + ["--state", state])
    guard outcome.succeeded else { throw LabError.failed(command: "peer add", outcome) }
  }

  /// The daemon's processes: one, or none.
  func daemons() throws -> [pid_t] { try host.pids(running: Lab.binary()) }

  /// The daemon's process.
  func daemon() throws -> pid_t {
    let found = try daemons()
    guard found.count == 1 else { throw LabError.daemons(found) }
    return found[0]
  }

  func reaches(_ other: Peer) throws -> Bool {
    try host.reaches(other.identity().address6)
  }

  private static func decode<T: Decodable>(_ type: T.Type, _ outcome: Outcome) throws -> T {
    try JSONDecoder().decode(type, from: Data(outcome.output.utf8))
  }
}

/// `ipv8-tun id --json`
struct Identity: Decodable, Equatable {
  let permID: String
  let address6: String
}

/// `ipv8-tun status --json`
struct Status: Decodable {
  struct Peer: Decodable {
    enum State: String, Decodable { case idle, opening, open }
    struct Path: Decodable {
      let kind: String
      let endpoint: String?
      let rttMicroseconds: Int?
      let mtu: MTU?
    }
    struct MTU: Decodable {
      let inner: Int
      let outer: Int
      let settled: Bool
    }
    let permID: String
    let name: String?
    let address6: String
    let address4: String?
    let state: State
    let path: Path
  }

  struct DataPath: Decodable {
    let lanes: Int
    let udpGSO: Bool
    let udpGRO: Bool
    let tunOffload: [String]
  }

  let interface: String
  let address6: String
  let address4: String?
  let port: UInt16
  let dataPath: DataPath
  let counters: [String: UInt64]
  let peers: [Peer]
}

extension Lab {
  /// Two peers on one cable, up, each in the other's address book.
  func acquaintedPeers() throws -> (Peer, Peer) { try acquaintedPeers(on: linkedHosts()) }

  /// - Parameters:
  ///   - configuration: of each, in TOML.
  ///   - refusing: what the kernel does not do, for each.
  func acquaintedPeers(
    on hosts: (Host, Host), configuration: (String, String) = ("", ""),
    refusing: (Refusals, Refusals) = ([], [])
  ) throws -> (Peer, Peer) {
    let peers = (try Peer(on: hosts.0), try Peer(on: hosts.1))
    for (peer, text, refusals) in [
      (peers.0, configuration.0, refusing.0), (peers.1, configuration.1, refusing.1),
    ] {
      let file = "\(directory)/\(peer.host.name).toml"
      try text.write(toFile: file, atomically: true, encoding: .utf8)
      try peer.up("--config", file, refusing: refusals)
    }
    try peers.0.add(peers.1, at: hosts.1.underlay)
    try peers.1.add(peers.0, at: hosts.0.underlay)
    return peers
  }
}
