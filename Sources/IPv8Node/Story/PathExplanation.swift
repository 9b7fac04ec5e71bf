import IPv8Traversal
import IPv8Wire

/// A story in one plain paragraph: what the path is, what both ends are behind, what was tried and
/// what became of it, and the one change that would make the path direct.
public struct PathExplanation: Sendable {
  /// Of what was tried, the newest are told.
  static let triedLimit = 4

  public let text: String

  /// - Parameters:
  ///   - peer: what the local user calls the peer.
  ///   - name: what the local user calls others.
  public init(_ story: PathStory, of peer: String, name: (PermID) -> String) {
    let teller = Teller(story: story, peer: peer)
    let sentences = [
      teller.path(name), teller.ends, teller.tried(name), teller.change,
    ]
    text = sentences.compactMap { $0 }.joined(separator: " ")
  }
}

private struct Teller {
  let story: PathStory
  let peer: String

  // MARK: What the path is

  func path(_ name: (PermID) -> String) -> String {
    let since = story.journal.last { if case .path = $0 { true } else { false } }
    let age = since.map { ", \(PathAge.since($0.at, story.now))" } ?? ""
    let lost = story.isLost ? " Nothing that is sent there is answered now." : ""
    switch story.path {
    case .direct(let endpoint):
      let at = endpoint.isReserved ? "" : " at \(endpoint)"
      return "\(peer) is reached directly\(at)\(age).\(began(name))\(lost)"
    case .relay(let relay):
      return
        "\(peer) is reached by way of \(name(relay)), which passes sealed packets on\(age).\(lost)"
    case .stream: return "\(peer) is reached through a TLS connection\(age).\(lost)"
    case nil where story.state == .opening:
      return "There is no session with \(peer) yet; it is being looked for."
    case nil: return "There is no session with \(peer)."
    }
  }

  /// How a direct path began, where it did not begin as one.
  private func began(_ name: (PermID) -> String) -> String {
    let entries = story.journal.entries
    let paths = entries.compactMap { entry in
      if case .path(let kind) = entry.event { (kind, entry.at) } else { nil }
    }
    guard paths.count >= 2, case .relay(let relay) = paths[paths.count - 2].0 else { return "" }
    let took = paths[paths.count - 1].1.boot - paths[paths.count - 2].1.boot
    return " It began by way of \(name(relay)) and became direct after \(PathAge.length(took))."
  }

  // MARK: What both ends are behind

  var ends: String? {
    if case .direct = story.path { return nil }
    if story.isOwnUDPBlocked {
      return
        "This network lets no UDP through, it seems; \(peer) is behind \(phrase(story.peerNAT))."
    }
    if story.ownNAT.isUnknown, story.peerNAT.isUnknown {
      return "What this machine and \(peer) are behind is not known yet."
    }
    return
      "This machine is behind \(phrase(story.ownNAT)), \(peer) behind \(phrase(story.peerNAT))."
  }

  private func phrase(_ nat: NATSummary) -> String {
    if nat.isPortMapped { return "a router that maps a port to it" }
    guard let mapping = nat.mapping else { return "a network that is not known" }
    if mapping.isDependent { return "a symmetric NAT" }
    switch nat.filtering {
    case .endpointIndependent: return "nothing that keeps calls out (open, or a full-cone NAT)"
    case .addressDependent: return "a restricted-cone NAT"
    case .addressAndPortDependent: return "a port-restricted NAT or a firewall"
    case nil: return "a NAT or firewall that was not tried out"
    }
  }

  // MARK: What was tried

  func tried(_ name: (PermID) -> String) -> String? {
    if case .direct = story.path, !story.isLost { return nil }
    let attempts = story.journal.entries.compactMap { entry in
      attempt(entry.event, name).map { "\($0) \(PathAge.ago(entry.at, story.now))" }
    }
    guard !attempts.isEmpty else { return nil }
    return "Tried: " + attempts.suffix(PathExplanation.triedLimit).joined(separator: "; ") + "."
  }

  private func attempt(_ event: PathEvent, _ name: (PermID) -> String) -> String? {
    switch event {
    case .asked, .path, .closed: nil
    default: PathExplanation.phrase(event, of: peer, name: name)
    }
  }

  // MARK: What would help

  /// The one change that would make the path direct.
  var change: String? {
    if case .direct = story.path { return nil }
    if story.isOwnUDPBlocked { return "A network that allows UDP would make it direct." }
    guard story.path != nil else { return changeForSession }
    if story.path == .stream { return "Allowing UDP at both ends would make it direct." }
    guard story.ownNAT.mapping != nil, story.peerNAT.mapping != nil else {
      return "'ipv8-tun netcheck' on both machines tells what is in between."
    }
    let methods = PunchMethod.methods(story.ownNAT, story.peerNAT, sequential: false)
    if methods.first == .simultaneousOpen {
      return
        "These two can get through to each other; if they do not, something in between drops UDP:"
        + " allowing UDP there would make it direct."
    }
    return
      "A port mapping (PCP, NAT-PMP, UPnP or by hand) on the router of either would make it direct."
  }

  private var changeForSession: String? {
    guard !story.hasAddresses else { return nil }
    return story.hasIntroducers
      ? "A peer that both keep a session with could introduce them."
      : "No address of it is known and no peer could introduce it: an endpoint given with"
        + " 'ipv8-tun peer add' would help, or a peer that both know."
  }
}

/// Lengths of time in words.
enum PathAge {
  static func ago(_ moment: Moment, _ now: Moment) -> String {
    let interval = now.boot - moment.boot
    return interval < .seconds(1) ? "just now" : "\(length(interval)) ago"
  }

  static func since(_ moment: Moment, _ now: Moment) -> String {
    "for \(length(now.boot - moment.boot))"
  }

  static func length(_ interval: Interval) -> String {
    let milliseconds = max(0, interval.milliseconds)
    switch milliseconds {
    case ..<1_000: return "\(milliseconds) ms"
    case ..<10_000: return "\(milliseconds / 1_000).\(milliseconds % 1_000 / 100) s"
    case ..<120_000: return "\(milliseconds / 1_000) s"
    case ..<7_200_000: return "\(milliseconds / 60_000) min"
    case ..<172_800_000: return "\(milliseconds / 3_600_000) h"
    default: return "\(milliseconds / 86_400_000) d"
    }
  }
}
