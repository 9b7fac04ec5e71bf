import IPv8Control

extension TrustReport {
  var text: String {
    var facts = Table()
    facts.add("permID", permID)
    if !name.isEmpty { facts.add("name", name) }
    facts.add("standing", standing)
    for (function, score) in scores.sorted(by: { $0.key < $1.key }) {
      facts.add(function, Units.percent(score))
    }
    if let rank { facts.add("rank", "\(rank)") }
    if let friendHops { facts.add("friends", "\(friendHops) steps away") }
    if let bridge {
      facts.add("bridge", "\(bridge), on \(Units.percent(bridgeShare)) of the walks")
    }
    if contradiction != nil {
      facts.add("contradiction", "two of its records contradict each other")
    }
    var parts = [facts.text]
    if !paths.isEmpty {
      var table = Table("SHARE", "BY WAY OF", "WEAKEST")
      for path in paths {
        let between = path.peers.dropFirst().dropLast()
        table.add(
          Units.percent(path.share),
          between.isEmpty ? "-" : between.map { String($0.prefix(8)) }.joined(separator: " "),
          "\(path.weakest.weight)")
      }
      parts.append(table.text)
    }
    if !received.isEmpty {
      var table = Table("SIGNER", "TYPE", "STRENGTH", "ITS SCORE")
      for relation in received {
        table.add(
          relation.signer, "\(relation.type)", "\(relation.strength)",
          Units.percent(relation.score))
      }
      parts.append(table.text)
    }
    return parts.joined(separator: "\n\n")
  }
}

extension FriendPathsReport {
  var text: String {
    guard !paths.isEmpty else { return "no chain of friends is known" }
    var table = Table("PATH", "WEAKEST", "PEERS")
    for path in paths {
      table.add(
        path.kind + (path.proven ? "" : " (not proven)"), "\(path.weakest.weight)",
        path.peers.joined(separator: " "))
    }
    return table.text
  }
}

extension FriendListReport {
  var text: String {
    guard !friends.isEmpty else { return "no friends" }
    var table = Table("PEER", "PERMID", "STRENGTH", "MUTUAL")
    for friend in friends {
      table.add(
        friend.name.isEmpty ? "-" : friend.name, friend.permID, Units.percent(friend.strength),
        friend.mutual ? "yes" : "no")
    }
    return table.text
  }
}

extension AdmissionReport {
  var text: String {
    var facts = Table()
    facts.add("admit", admit)
    facts.add("signers", "\(signers)")
    facts.add("bindings", "\(bindings)")
    facts.add("relations", "\(relations)")
    facts.add("exchanging", "\(connected)")
    return facts.text
  }
}
