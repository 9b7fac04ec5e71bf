import Foundation

/// A real sshd on a host, with a host key and a user key of its own.
struct SecureShell {
  private let host: Host
  private let directory: String
  private let server: Command

  init(on host: Host) throws {
    self.host = host
    directory = "\(host.lab.directory)/\(host.name)-ssh"
    for directory in [directory, "/run/sshd"] {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o755])
    }
    for key in ["host_key", "user_key"] {
      let made = try host.run(
        "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", "\(directory)/\(key)")
      guard made.succeeded else { throw LabError.failed(command: "ssh-keygen", made) }
    }
    try """
    Port 22
    HostKey \(directory)/host_key
    PidFile none
    UsePAM no
    StrictModes no
    PasswordAuthentication no
    PermitRootLogin prohibit-password
    AuthorizedKeysFile \(directory)/user_key.pub
    Subsystem sftp internal-sftp

    """.write(toFile: "\(directory)/config", atomically: true, encoding: .utf8)
    server = try host.start("/usr/sbin/sshd", "-D", "-f", "\(directory)/config")
    try eventually("sshd listens") { try host.run("ss", "-Hltn").output.contains(":22 ") }
  }

  /// The options of `ssh` and `scp` to log in at `address`: the right key, the host key pinned.
  func options(for address: String) throws -> [String] {
    let key = try String(contentsOfFile: "\(directory)/host_key.pub", encoding: .utf8)
    try "\(address) \(key)".write(
      toFile: "\(directory)/known_hosts", atomically: true, encoding: .utf8)
    return [
      "-F", "none", "-i", "\(directory)/user_key", "-o", "BatchMode=yes",
      "-o", "StrictHostKeyChecking=yes", "-o", "ConnectTimeout=20",
      "-o", "UserKnownHostsFile=\(directory)/known_hosts",
    ]
  }
}

extension Host {
  /// Runs `command` by ssh at `address`, where `shell` serves.
  func ssh(to address: String, of shell: SecureShell, _ command: String) throws -> Outcome {
    try run(["ssh"] + shell.options(for: address) + ["root@\(address)", command])
  }

  /// Begins an ssh session at `address` in which numbers are counted, one each 0.1 s; returns once they
  /// come. ``Command/finishCounting(to:)`` waits for the last.
  func startCounting(to last: Int, at address: String, of shell: SecureShell) throws -> Command {
    let session = try start(
      ["ssh"] + shell.options(for: address) + [
        "root@\(address)", "for i in $(seq \(last)); do echo $i; sleep 0.1; done",
      ])
    try eventually("the session speaks") { session.output.contains("10\n") }
    return session
  }

  /// The arguments of an scp that puts `file` at `address`.
  func copy(_ file: String, to path: String, at address: String, of shell: SecureShell) throws
    -> [String]
  {
    ["scp", "-q"] + (try shell.options(for: address)) + [file, Self.remote(path, at: address)]
  }

  /// The arguments of an scp that gets `path` from `address`.
  func fetch(_ path: String, to file: String, at address: String, of shell: SecureShell) throws
    -> [String]
  {
    ["scp", "-q"] + (try shell.options(for: address)) + [Self.remote(path, at: address), file]
  }

  private static func remote(_ path: String, at address: String) -> String {
    "root@\(address.contains(":") ? "[\(address)]" : address):\(path)"
  }
}

extension Command {
  /// Whether a session that counts came to its end with every number.
  func finishCounting(to last: Int) throws -> Bool {
    try finish().output == (1...last).map { "\($0)\n" }.joined()
  }
}
