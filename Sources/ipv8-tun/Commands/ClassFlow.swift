import ArgumentParser
import IPv8Control
import IPv8Wire

struct ClassFlow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "flow", abstract: "Declare the class of one connection.",
    discussion: """
      Of a socket of this machine, by its two ends as 'ss' shows them. What is declared of a flow \
      goes before its DSCP.
      """)

  @Argument(help: ArgumentHelp("tcp or udp.", valueName: "protocol"))
  var transport: String

  @Argument(help: ArgumentHelp("This end's address and port.", valueName: "local"))
  var local: String

  @Argument(help: ArgumentHelp("The other end's.", valueName: "remote"))
  var remote: String

  @OptionGroup var wish: ClassOptions
  @OptionGroup var state: StateOptions

  func run() throws {
    guard let transport = LocalSocket.TransportProtocol(rawValue: transport) else {
      throw ValidationError("\(transport): must be tcp or udp")
    }
    let (local, remote) = (try Self.endpoint(local), try Self.endpoint(remote))
    let socket = LocalSocket(transport: transport, local: local, remote: remote)
    try wish.declare(.socket(socket), with: try state.daemon())
  }

  private static func endpoint(_ text: String) throws(ControlError) -> Endpoint {
    guard let endpoint = Endpoint(text: text) else { throw ControlError(.endpointMalformed, text) }
    return endpoint
  }
}
