import ArgumentParser
import IPv8Control
import IPv8Daemon

struct Up: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Bring the interface up.",
    discussion: """
      Starts the daemon, waits until the interface is ready and prints who this machine is. The \
      first run makes the identity. Where the daemon runs already, it only prints; with \
      --foreground that is an error.
      """)

  @Flag(help: "Be the daemon, instead of starting it in the background.")
  var foreground = false

  @Option(help: ArgumentHelp("Name of the interface (default: ipv8).", valueName: "name"))
  var interface: String?

  @Option(
    help: ArgumentHelp(
      "UDP port (default: chosen at random on the first run and kept).", valueName: "n"))
  var port: Int?

  @Option(help: ArgumentHelp("Configuration in TOML.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("The name that this machine gives itself.", valueName: "name"))
  var name: String?

  /// Set by this program where it starts itself in the background.
  @Flag(help: .private)
  var reportReadiness = false

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    if foreground {
      try runForeground()
    } else {
      try runBackground()
    }
  }

  /// Has to stay on one thread until the daemon has given up its privileges.
  private func runForeground() throws {
    let readiness = Readiness(isChild: reportReadiness)
    do {
      try BackgroundStart.requirePermission()
      try state.directory.create()
      try Daemon.run(
        configuration: try chosenConfiguration(), state: state.directory, readiness: readiness)
    } catch let error as any ExplainedError {
      _ = readiness.failed(error)
      throw error
    }
  }

  private func runBackground() throws {
    let chosen = try chosenConfiguration()
    do {
      return try report()
    } catch {
      // A daemon that is being killed may still take the connection, and answer nothing.
      guard [.notRunning, .notResponding].contains(error.code) else { throw error }
    }
    try BackgroundStart.requirePermission()
    try state.directory.create()
    try BackgroundStart.run(arguments: arguments(chosen), state: state.directory)
    try report()
  }

  private func chosenConfiguration() throws(ConfigurationError) -> Configuration {
    var chosen = Configuration()
    if let config { chosen = try Configuration(contentsOf: config) }
    try chosen.override(interface: interface, port: port, name: name)
    return chosen
  }

  /// The command line of the daemon in the background.
  private func arguments(_ chosen: Configuration) -> [String] {
    var arguments = ["ipv8-tun", "up", "--foreground", "--report-readiness"]
    arguments += ["--state", state.path]
    if let config { arguments += ["--config", config] }
    if let interface { arguments += ["--interface", interface] }
    if let port { arguments += ["--port", "\(port)"] }
    if let name { arguments += ["--name", name] }
    return arguments
  }

  /// Prints who the running daemon is.
  private func report() throws(ControlError) {
    let daemon = try state.daemon()
    let status = try Waiting.run { () async throws(ControlError) in try await daemon.status() }
    let facts = UpReport(status)
    if output.json { try Terminal.printJSON(facts) } else { Terminal.print(facts.text) }
  }
}
