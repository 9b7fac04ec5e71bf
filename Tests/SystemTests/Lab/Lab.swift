import Foundation

/// What keeps a lab or a command in it from working.
enum LabError: Error {
  case needsRoot
  case noBinary(String)
  case failed(command: String, Outcome)
  /// Not exactly one where one should run.
  case daemons([pid_t])
  case spawn(String, errno: Int32)
  case socket(String, errno: Int32)
  /// A peer without an IPv4 alias.
  case noAlias
}

/// A small internet of network namespaces, removed with everything in it when it is released.
///
/// Hosts and peers hold their lab, so it lives as long as one of them is in use. The recipes for
/// namespaces and routers are those of `scripts/lib/lab.sh`.
final class Lab {
  /// Router types by RFC 4787, as `scripts/lib/lab.sh` describes them.
  enum RouterType: String {
    case cone, restricted, symmetric, sequential, firewall, blocked, nat64
    case fullCone = "full-cone"
    case addressSymmetric = "address-symmetric"
  }

  /// Every namespace of this lab is called `prefix-NAME`.
  let prefix: String
  /// For state directories, keys and captures; readable by the daemon's own user.
  let directory: String

  init() throws {
    guard geteuid() == 0 else { throw LabError.needsRoot }
    let unique = UUID().uuidString.prefix(8).lowercased()
    prefix = "ipv8t-\(unique)"
    directory = "/tmp/ipv8-lab-\(unique)"
    try FileManager.default.createDirectory(
      atPath: directory, withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o755])
    try step("begin")
  }

  deinit {
    // A failure here leaves namespaces with our prefix behind, and nothing can be done about it.
    try? step("end")
    try? FileManager.default.removeItem(atPath: directory)
  }

  /// A host on the internet.
  func host(_ name: String, at addresses: String...) throws -> Host {
    try step(["host", name] + addresses)
    return Host(lab: self, name: name, underlay: addresses[0])
  }

  /// A router at address `wan`, with the /24 (of IPv6: the /64) that starts with `inside` behind it; it
  /// stands on the internet, or behind the router `upstream`.
  func router(
    _ name: String, _ type: RouterType, at wan: String, inside: String,
    behind upstream: String? = nil
  ) throws {
    try step(["router", name, type.rawValue, wan, inside] + (upstream.map { [$0] } ?? []))
  }

  func host(_ name: String, behind router: String, at address: String) throws -> Host {
    try step("inside", name, router, address)
    return Host(lab: self, name: name, underlay: address)
  }

  /// Two hosts joined by one cable.
  func linkedHosts() throws -> (Host, Host) {
    try step("link", "ada", "bob", "10.77.0")
    return (
      Host(lab: self, name: "ada", underlay: "10.77.0.1"),
      Host(lab: self, name: "bob", underlay: "10.77.0.2")
    )
  }

  /// Takes a host to the network behind `router`, or to the internet.
  func move(_ host: Host, behind router: String?, at address: String) throws -> Host {
    try step("move", host.name, router ?? "", address)
    return Host(lab: self, name: host.name, underlay: address)
  }

  /// Gives a host another address in the network where it is.
  func renumber(_ host: Host, to address: String) throws -> Host {
    try step("renumber", host.name, address)
    return Host(lab: self, name: host.name, underlay: address)
  }

  /// Takes a host off its network, until it is moved to one.
  func unplug(_ host: Host) throws { try step("unplug", host.name) }

  /// The host's cable loses everything, unseen at both ends, until it is mended.
  func cut(_ host: Host) throws { try step("cut", host.name) }
  func mend(_ host: Host) throws { try step("mend", host.name) }

  /// The seconds that a router keeps a mapping without traffic, before and after an answer.
  func lifetime(of router: String, unreplied: Int, established: Int) throws {
    try step("lifetime", router, "\(unreplied)", "\(established)")
  }

  /// The router forgets all mappings and flows.
  func reboot(_ router: String) throws { try step("reboot", router) }

  /// How many flows to `address` a router remembers.
  func flows(through router: String, to address: String) throws -> Int {
    let router = Host(lab: self, name: router, underlay: "")
    return try router.run("conntrack", "-L", "-d", address).output.split(separator: "\n").count
  }

  /// Runs a command, in no namespace of the lab, that must succeed.
  func expect(_ arguments: String...) throws {
    let outcome = try Command(arguments, in: directory).finish()
    guard outcome.succeeded else {
      throw LabError.failed(command: arguments.joined(separator: " "), outcome)
    }
  }

  private func step(_ arguments: String...) throws { try step(arguments) }

  private func step(_ arguments: [String]) throws {
    let command = ["\(Self.repository)/scripts/lab", prefix] + arguments
    let outcome = try Command(command, in: directory).finish()
    guard outcome.succeeded else {
      throw LabError.failed(command: command.joined(separator: " "), outcome)
    }
  }

  /// The repository's root, four levels above this file.
  static let repository: String = {
    var url = URL(fileURLWithPath: #filePath)
    for _ in 0..<4 { url.deleteLastPathComponent() }
    return url.path
  }()

  /// The program under test: `IPV8_TUN_BINARY`, or the one built beside these tests.
  static func binary() throws -> String {
    let path = ProcessInfo.processInfo.environment["IPV8_TUN_BINARY"] ?? beside("ipv8-tun")
    guard FileManager.default.isExecutableFile(atPath: path) else { throw LabError.noBinary(path) }
    return path
  }

  /// Another program of this package, built beside these tests.
  static func program(_ name: String) throws -> String {
    let path = beside(name)
    guard FileManager.default.isExecutableFile(atPath: path) else { throw LabError.noBinary(path) }
    return path
  }

  private static func beside(_ name: String) -> String {
    URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
      .appendingPathComponent(name).path
  }
}
