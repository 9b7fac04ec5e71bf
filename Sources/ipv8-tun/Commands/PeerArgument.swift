import ArgumentParser
import IPv8Control

/// The argument by which commands name a peer.
enum PeerArgument {
  static let help = ArgumentHelp(
    "The peer's name, PermID, overlay address or IPv4 alias.", valueName: "peer")

  static func selector(_ text: String) throws(ControlError) -> PeerSelector {
    guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
    return selector
  }
}
