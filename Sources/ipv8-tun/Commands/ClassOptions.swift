import ArgumentParser
import IPv8Control

/// The class that is declared, and for how long.
struct ClassOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "interactive, normal or background; none takes it back.", valueName: "class"))
  var kind: String

  @Option(
    help: ArgumentHelp(
      "For how long, up to a day (default: an hour of a flow, until the daemon ends of a peer).",
      valueName: "seconds"))
  var lifetime: Int?

  func validate() throws {
    guard let lifetime, !ClassWish.lifetimeRange.contains(lifetime) else { return }
    throw ValidationError("--lifetime \(lifetime): must be 1 to 86400")
  }

  func declare(_ subject: PathQuery, with daemon: ControlClient) throws(ControlError) {
    let wish = ClassWish(class: kind, lifetimeSeconds: lifetime)
    try Waiting.run { () async throws(ControlError) in
      guard wish.class != "none" else { return try await daemon.removeClass(of: subject) }
      _ = try await daemon.setClass(of: subject, wish)
    }
  }
}
