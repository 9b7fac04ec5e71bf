import IPv8Control

extension NetcheckReport {
  /// What a person wants to know.
  var text: String {
    var parts = families.map(\.text)
    if families.isEmpty { parts.append("no network: this machine has no usable address") }
    var facts = Table()
    for gateway in [gateway4, gateway6].compactMap({ $0 }) { facts.add("gateway", gateway) }
    facts.add("port mapping", portMapping.text)
    facts.add("NAT timeout", timeoutText)
    facts.add("keepalive", "every \(Units.seconds(fromMilliseconds: keepaliveMilliseconds))")
    parts.append(facts.text)
    if unfinished { parts.append("The check is still under way; ask again.") }
    return parts.joined(separator: "\n\n")
  }

  private var timeoutText: String {
    guard let lifetimes else {
      return measuringLifetimes ? "being measured, which takes minutes" : "not measured"
    }
    var texts: [String] = []
    if let alive = lifetimes.establishedSeconds {
      texts.append(Self.bounds(alive, lifetimes.establishedDeadSeconds))
    }
    if let alive = lifetimes.unrepliedSeconds {
      texts.append(Self.bounds(alive, lifetimes.unrepliedDeadSeconds) + " before an answer")
    }
    if let absolute = lifetimes.absoluteSeconds {
      texts.append("\(absolute) s however busy")
    }
    return texts.isEmpty ? "not measured" : texts.joined(separator: "; ")
  }

  private static func bounds(_ alive: Int, _ dead: Int?) -> String {
    dead.map { "\(alive) to \($0) s" } ?? "more than \(alive) s"
  }
}

extension FamilyReport {
  var text: String {
    var facts = Table()
    facts.add("  this machine", local)
    if let seen = external ?? externalAddress {
      facts.add("  seen at", seen + ", by \(reportersAnswered) of \(reportersAsked) reporters")
    }
    if let mapping { facts.add("  mapping", Self.words(mapping)) }
    if let filtering { facts.add("  filtering", Self.words(filtering)) }
    if let ports { facts.add("  ports", portText(ports)) }
    if let hairpin { facts.add("  hairpin", hairpin ? "yes" : "no") }
    if !dissenting.isEmpty { facts.add("  disagree", dissenting.joined(separator: ", ")) }
    for (field, reason) in unknown.sorted(by: { $0.key < $1.key })
    where !(field == "externalAddress" || (field == "external" && externalAddress != nil)) {
      facts.add("  \(Self.label(field))", "unknown: \(reason)")
    }
    let name = family == .ipv4 ? "IPv4" : "IPv6"
    return "\(name): \(kind.text)\n" + facts.text
  }

  private func portText(_ ports: String) -> String {
    switch ports {
    case "preserving": "kept"
    case "sequential": "one after the other" + (portStep.map { ", by \($0)" } ?? "")
    default: "random"
    }
  }

  private static func label(_ field: String) -> String { field == "external" ? "seen at" : field }

  /// `endpointIndependent` as RFC 4787 writes it.
  private static func words(_ name: String) -> String {
    name.reduce(into: "") { text, letter in
      text += letter.isUppercase ? "-" + letter.lowercased() : String(letter)
    }
  }
}

extension FamilyReport.Kind {
  /// Its name, and what follows for peers.
  var text: String {
    switch self {
    case .open: "open; anybody can reach this machine"
    case .firewall:
      "a firewall without NAT; peers reach this machine once it has sent to them, as both do when "
        + "a mutual peer introduces them"
    case .fullCone: "behind a full-cone NAT; anybody can reach this machine where others see it"
    case .restrictedCone:
      "behind an address-restricted cone NAT; peers reach this machine once it has sent to them"
    case .portRestrictedCone:
      "behind a port-restricted cone NAT; peers reach this machine once it has sent to them, unless "
        + "their own NAT is symmetric"
    case .symmetric:
      "behind a symmetric NAT; peers with a port-restricted cone or symmetric NAT may need a relay"
    case .blocked: "UDP is blocked, or nobody who was asked is there"
    case .unknown: "not known what is between this machine and others"
    }
  }
}

extension PortMappingReport {
  var text: String {
    switch state {
    case .off: "switched off"
    case .notNeeded: "none: no gateway that translates"
    case .searching: "being looked for"
    case .unavailable: "none: the gateway speaks neither PCP nor NAT-PMP nor UPnP, or refuses"
    case .mapped:
      "\(external ?? "-") by \(madeBy.map(Self.name) ?? "-")"
        + (reachable == false ? "; useless, since the gateway is behind another NAT" : "")
    }
  }

  private static func name(_ kind: String) -> String {
    ["pcp": "PCP", "natPMP": "NAT-PMP", "upnp": "UPnP"][kind] ?? kind
  }
}
