import Foundation

/// `ipv8-tun netcheck --json`
struct Network: Decodable {
  struct Family: Decodable {
    let family: String
    let kind: String
    let local: String
    let external: String?
    let mapping: String?
    let filtering: String?
    let hairpin: Bool?
    let ports: String?
    let reportersAsked: Int
    let reportersAnswered: Int
    let unknown: [String: String]
  }

  struct PortMapping: Decodable {
    let state: String
    let madeBy: String?
    let external: String?
  }

  struct Lifetimes: Decodable {
    let unrepliedSeconds: Int?
    let unrepliedDeadSeconds: Int?
    let establishedSeconds: Int?
    let establishedDeadSeconds: Int?
  }

  let families: [Family]
  let portMapping: PortMapping
  let lifetimes: Lifetimes?
  let measuringLifetimes: Bool
  let keepaliveMilliseconds: Int
  let unfinished: Bool

  var ipv6: Family? { families.first { $0.family == "ipv6" } }
  var ipv4: Family? { families.first { $0.family == "ipv4" } }
}

extension Peer {
  /// What the daemon finds out about its network; with `known`, what it knows.
  func netcheck(known: Bool = false) throws -> Network {
    let outcome =
      known ? try expect("netcheck", "--json", "--known") : try expect("netcheck", "--json")
    return try JSONDecoder().decode(Network.self, from: Data(outcome.output.utf8))
  }

  /// Starts with this configuration, in TOML.
  func up(configuration text: String) throws {
    let file = "\(host.lab.directory)/\(host.name).toml"
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    try up("--config", file)
  }
}
