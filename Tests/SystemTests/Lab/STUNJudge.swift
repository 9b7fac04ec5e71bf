import Foundation

/// What an independent program says of a NAT.
struct STUNJudgement: Equatable {
  /// As `ipv8-tun netcheck --json` has them.
  var mapping: String?
  var filtering: String?
}

/// Programs of others that speak STUN: coturn's server and client, and the RFC 3489 client.
enum STUNJudge {
  /// coturn on two addresses of `host`, port 3478: it can answer from the other one.
  static func server(on host: Host, _ first: String, _ second: String) throws -> Command {
    let directory = host.lab.directory
    let server = try host.start(
      "turnserver", "-n", "-L", first, "-L", second, "-p", "3478", "--no-cli", "--no-tls",
      "--no-dtls", "--log-file", "stdout", "--userdb", "\(directory)/turn.db", "--pidfile",
      "\(directory)/turn.pid")
    try eventually("the server listens") {
      try host.run("ss", "-Hlun", "sport", "=", ":3478").output.contains(first)
    }
    return server
  }

  /// Starts coturn's client (RFC 5780).
  static func discovery(on host: Host, of server: String, port: Int) throws -> Command {
    try host.start("turnutils_natdiscovery", "-m", "-f", "-p", "\(port)", server)
  }

  static func judgement(ofDiscovery output: String) -> STUNJudgement {
    func words(_ suffix: String) -> String? {
      let line = output.split(separator: "\n").last { $0.hasSuffix(" \(suffix)!") }
      switch line?.dropFirst("NAT with ".count).dropLast(suffix.count + 2) {
      case "Endpoint Independent": return "endpointIndependent"
      case "Address Dependent": return "addressDependent"
      case "Address and Port Dependent": return "addressAndPortDependent"
      default: return nil
      }
    }
    return STUNJudgement(mapping: words("Mapping"), filtering: words("Filtering"))
  }

  /// Starts the client of RFC 3489.
  static func classic(on host: Host, of server: String, port: Int) throws -> Command {
    try host.start("stun", "\(server):\(port)")
  }

  /// The RFC 3489 kind that its output names.
  static func kind(ofClassic output: String) -> String? {
    guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix("Primary:") })
    else { return nil }
    if line.contains("Firewall") { return "firewall" }
    if line.contains("Open") { return "open" }
    if line.contains("Dependent Mapping"), !line.contains("Independent Mapping") {
      return "symmetric"
    }
    if line.contains("Independent Filter") { return "fullCone" }
    if line.contains("Address Dependent Filter") { return "restrictedCone" }
    return line.contains("Port Dependent Filter") ? "portRestrictedCone" : nil
  }
}
