import IPv8Traversal
import IPv8Wire

extension PathExplanation {
  /// An event in words, without a subject where it is this machine.
  public static func phrase(
    _ event: PathEvent, of peer: String, name: (PermID) -> String
  ) -> String {
    switch event {
    case .called(let count): "called at \(addresses(count))"
    case .asked(let permID): "asked \(name(permID)) to introduce"
    case .refused(let permID, .unknown): "\(name(permID)) does not reach \(peer)"
    case .refused(let permID, _): "\(name(permID)) had too many to introduce"
    case .silent(let permID): "\(name(permID)) did not answer"
    case .introduced(let permID, isRelaying: true): "introduced by \(name(permID)), which relays"
    case .introduced(let permID, isRelaying: false): "introduced by \(name(permID))"
    case .punching(let method, let count): "began \(phrase(method)) at \(addresses(count))"
    case .punchFailed(let method): "\(phrase(method)) failed"
    case .dialled: "dialled a TLS connection"
    case .path(.direct(let endpoint)):
      endpoint.isReserved ? "went on directly" : "went on directly, at \(endpoint)"
    case .path(.relay(let permID)): "went on by way of \(name(permID))"
    case .path(.stream): "went on through a TLS connection"
    case .lost: "answers stopped"
    case .relayEnded(let permID): "\(name(permID)) stopped relaying"
    case .ownNetworkChanged: "this machine's network changed"
    case .peerNetworkChanged: "\(peer)'s network changed"
    case .gaveUp: "nobody answered the call"
    case .closed: "the session ended"
    }
  }

  static func phrase(_ method: PunchMethod) -> String {
    switch method {
    case .simultaneousOpen: "hole punching"
    case .prediction: "guessing the NAT's next ports"
    case .birthday: "trying many ports"
    case .relay: "relaying"
    }
  }

  static func addresses(_ count: Int) -> String {
    count == 1 ? "1 address" : "\(count) addresses"
  }
}
