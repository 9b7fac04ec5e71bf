import IPv8Node
import IPv8Platform
import IPv8Streams
import IPv8Traversal
import IPv8Wire

extension ControlLoop {
  /// Asks the resolver where a NAT64 is, when that is due, on a thread that may wait for it.
  mutating func askForNAT64(at now: Timestamp) {
    guard nat64.takeQuestion(at: now) else { return }
    let inbox = inbox
    do throws(SystemError) {
      _ = try NamedThread(name: "resolver") { inbox.post(.nat64(Resolver.answersForNAT64())) }
    } catch {
      journal.warn("resolver: \(error)")
      nat64.answered(nil, at: now)
    }
  }

  /// The resolver has answered, or has not (nil).
  mutating func takeNAT64(_ answers: [IPv6Address]?, at now: Moment) {
    nat64.answered(answers, at: now.boot)
    guard useNAT64(at: now) else { return }
    // For IPv4 it is as if this host had come into another network.
    lanes.all[0].transmit.post(.challengeAll)
    observeSurroundings(at: now)
    node.networkChanged(at: now, into: &actions)
  }

  /// Has all that sends and receives use the NAT64 in force; whether that is another than before.
  @discardableResult
  mutating func useNAT64(at now: Moment) -> Bool {
    let prefix = nat64.prefix
    guard prefix != udp.nat64 else { return false }
    journal.tell(
      prefix.map { "IPv4 hosts are reached by the NAT64 of \($0)" } ?? "no NAT64 is used")
    udp.nat64 = prefix
    network.nat64 = prefix
    streams.setNAT64(prefix)
    lanes.transmit(.setNAT64(prefix))
    lanes.receive(.setNAT64(prefix))
    for index in node.contactIndices {
      guard let contact = node.contact(index) else { continue }
      _ = node.setContact(translated(contact), at: now, into: &actions)
    }
    return true
  }

  /// A contact as this host speaks to it: its names may stand for addresses that the network's
  /// resolver made of those of IPv4.
  func translated(_ contact: Contact) -> Contact {
    guard let prefix = nat64.prefix else { return contact }
    var contact = contact
    contact.told = prefix.inward(contact.told)
    contact.seen = contact.seen.map { prefix.inward($0) }
    return contact
  }

  func translated(_ endpoints: [Endpoint]) -> [Endpoint] {
    nat64.prefix?.inward(endpoints) ?? endpoints
  }
}
