import ArgumentParser
import IPv8Control
import IPv8Social
import IPv8Wire

struct Identify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "id", abstract: "Show who this machine is.")

  @Flag(name: .customLong("vcard"), help: "Print it as a card for address books.")
  var vCard = false

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let identity = try state.answer { backend async throws(ControlError) in
      try await backend.identity()
    }
    if vCard, let permID = PermID(text: identity.permID) {
      Terminal.write("\(VCard(name: identity.name, permID: permID))")
    } else if output.json {
      try Terminal.printJSON(identity)
    } else {
      Terminal.print(identity.text)
    }
  }
}
