import ArgumentParser
import IPv8Control

struct ClassList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show which classes were declared.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let daemon = try state.daemon()
    let report = try Waiting.run { () async throws(ControlError) in
      ClassListReport(classes: try await daemon.classes())
    }
    if output.json { try Terminal.printJSON(report) } else { Terminal.print(report.text) }
  }
}

extension ClassListReport {
  var text: String {
    guard !classes.isEmpty else { return "no class is declared" }
    var table = Table("PEER", "CLASS", "LEFT", "FLOW")
    for entry in classes {
      let flow = [entry.protocol, entry.local, entry.remote].compactMap { $0 }
      table.add(
        entry.name.isEmpty ? entry.permID : entry.name, entry.class,
        entry.secondsLeft.map { Units.duration(seconds: $0) } ?? "-",
        flow.isEmpty ? "all others" : flow.joined(separator: " "))
    }
    return table.text
  }
}
