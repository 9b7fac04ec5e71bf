import ArgumentParser
import IPv8Control
import IPv8Daemon

struct NetcheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "netcheck", abstract: "Find out what network this machine is in.",
    discussion: """
      What its NAT or firewall does to packets, where others see it, and what its gateway offers; \
      asked of the peers with an open session and of STUN servers. Without the daemon, the servers \
      given here are asked, and the gateway for nothing.
      """)

  @Option(
    name: .customLong("server"), parsing: .singleValue,
    help: ArgumentHelp(
      "A STUN server to ask, too; can be given up to 8 times.", valueName: "host:port"))
  var servers: [String] = []

  @Option(help: ArgumentHelp("The longest wait.", valueName: "seconds"))
  var timeout = 30.0

  @Flag(help: "Tell what the daemon knows already, without a new check.")
  var known = false

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard (0.001...60).contains(timeout) else {
      throw ValidationError("--timeout \(timeout): must be 0.001 to 60")
    }
  }

  func run() throws {
    let request = NetcheckRequest(
      timeoutMilliseconds: Int(timeout * 1000), servers: servers, fresh: !known)
    let report: NetcheckReport
    do throws(ControlError) {
      let daemon = try state.daemon()
      report = try Waiting.run { () async throws(ControlError) in
        try await daemon.netcheck(request)
      }
    } catch {
      guard error.code == .notRunning, !servers.isEmpty else { throw error }
      report = try LoneNetcheck.run(request)
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}
