import ArgumentParser
import Foundation
import IPv8Control

struct Ping: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Measure the way to a peer over the overlay, and name its path.",
    discussion: "The first echo may have to open the session. Succeeds if any echo came back.")

  @Argument(help: PeerArgument.help)
  var peer: String

  @Option(name: .short, help: ArgumentHelp("How many echoes.", valueName: "count"))
  var count = 4

  @Option(name: .short, help: ArgumentHelp("Between their starts.", valueName: "seconds"))
  var interval = 1.0

  @Option(help: ArgumentHelp("The wait for each.", valueName: "seconds"))
  var timeout = 5.0

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func validate() throws {
    guard count > 0 else { throw ValidationError("-c \(count): must be 1 or more") }
    guard (0...3600).contains(interval) else {
      throw ValidationError("-i \(interval): must be 0 to 3600")
    }
    guard (0.001...60).contains(timeout) else {
      throw ValidationError("--timeout \(timeout): must be 0.001 to 60")
    }
  }

  func run() throws {
    let daemon = try state.daemon()
    let request = PingRequest(
      peer: try PeerArgument.selector(peer), timeoutMilliseconds: Int(timeout * 1000))
    var answered = false
    for sequence in 1...count {
      let start = Date()
      do throws(ControlError) {
        var report = try Waiting.run { () async throws(ControlError) in
          try await daemon.ping(request)
        }
        report.sequence = sequence
        answered = true
        if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
      } catch {
        guard error.code == .timeout else { throw error }
        if !output.json { Terminal.print("no answer from \(peer): seq=\(sequence)") }
      }
      if sequence < count { Thread.sleep(until: start + interval) }
    }
    guard answered else { throw ControlError(.timeout, peer) }
  }
}
