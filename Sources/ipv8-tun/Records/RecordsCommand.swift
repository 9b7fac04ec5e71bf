import ArgumentParser

struct RecordsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "records", abstract: "Show, export or import the signed records of others.",
    discussion: """
      Bindings say where peers are, relations whom they trust. Both come from peers, and go to \
      them.
      """,
    subcommands: [RecordsShow.self, RecordsExport.self, RecordsImport.self],
    defaultSubcommand: RecordsShow.self)
}
