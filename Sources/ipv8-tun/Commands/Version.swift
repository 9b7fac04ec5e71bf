import ArgumentParser
import IPv8Control

struct Version: ParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the release of this program.")

  @OptionGroup var state: StateOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let version = VersionReport(version: ProductVersion.current)
    if output.json { try Terminal.printJSON(version) } else { Terminal.print(version.version) }
  }
}
