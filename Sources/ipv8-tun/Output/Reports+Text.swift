import IPv8Control

extension PathReport {
  /// `direct 192.0.2.1:41641`, `relayed via PERMID`, `-` without one.
  var text: String {
    guard kind != .none else { return "-" }
    return [kind.rawValue, endpoint ?? "", (viaName ?? via).map { "via \($0)" } ?? ""].filter {
      !$0.isEmpty
    }
    .joined(separator: " ")
  }

  var rttText: String {
    rttMicroseconds.map(Units.milliseconds) ?? "-"
  }
}

extension PeerReport {
  var nameText: String { name.isEmpty ? "-" : name }

  /// Where it can be looked for: what the user told, else its binding.
  var whereabouts: String {
    let known = endpoints.isEmpty ? binding?.endpoints ?? [] : endpoints
    return known.isEmpty ? "-" : known.joined(separator: ", ")
  }
}

extension IdentityReport {
  var text: String {
    var table = Table()
    table.add("permID", permID)
    table.add("address6", address6)
    if !name.isEmpty { table.add("name", name) }
    return table.text
  }
}

extension StatusReport {
  var text: String {
    var facts = Table()
    facts.add("permID", permID)
    if !name.isEmpty { facts.add("name", name) }
    facts.add("address6", address6)
    if let address4 { facts.add("address4", address4) }
    facts.add("interface", "\(interface), MTU \(mtu)")
    facts.add("port", "\(port)")
    facts.add("running", "\(Units.duration(seconds: uptimeSeconds)), version \(version)")
    guard !peers.isEmpty else { return facts.text + "\n\nno peers" }
    var table = Table("PEER", "ADDRESS6", "ADDRESS4", "STATE", "PATH", "RTT", "RECEIVED", "SENT")
    for peer in peers {
      table.add(
        peer.nameText, peer.address6, peer.address4 ?? "-", peer.state.rawValue, peer.path.text,
        peer.path.rttText, Units.bytes(peer.receivedBytes), Units.bytes(peer.sentBytes))
    }
    return facts.text + "\n\n" + table.text
  }
}

extension PingReport {
  /// `answer from bob: seq=1 time=3.217 ms via direct 192.0.2.1:41641`
  var text: String {
    let who = name.isEmpty ? permID : name
    let number = sequence.map { "seq=\($0) " } ?? ""
    return
      "answer from \(who): \(number)time=\(Units.milliseconds(fromMicroseconds: rttMicroseconds))"
      + " via \(path.text)"
  }
}

extension WhyReport {
  var text: String { explanation }
}
