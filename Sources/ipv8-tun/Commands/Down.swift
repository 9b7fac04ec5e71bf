import ArgumentParser
import IPv8Control
import IPv8Daemon

struct Down: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Take the interface down and end the daemon.",
    discussion: "Returns when both are gone.")

  @OptionGroup var state: StateOptions

  func run() throws {
    let daemon = try state.daemon()
    try DaemonEnd.wait(state.directory) { () throws(ControlError) in
      try Waiting.run { () async throws(ControlError) in try await daemon.down() }
    }
  }
}
