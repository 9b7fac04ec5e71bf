import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  /// The contacts that the user added; others are none any more.
  public mutating func setContacts(_ peers: Set<PermID>, at now: Moment) {
    for number in contacts.sorted() where !peers.contains(table.name(number)) {
      setContact(table.name(number), false, at: now)
    }
    for peer in peers.sorted() { setContact(peer, true, at: now) }
    refreshScores(at: now)
  }

  public mutating func addContact(_ peer: PermID, at now: Moment) {
    setContact(peer, true, at: now)
    refreshScores(at: now)
  }

  public mutating func removeContact(_ peer: PermID, at now: Moment) {
    setContact(peer, false, at: now)
    refreshScores(at: now)
  }

  private mutating func setContact(_ peer: PermID, _ isContact: Bool, at now: Moment) {
    guard peer != own, isContact || table[peer] != nil,
      !isContact || contacts.count < DirectoryLimits.named, let number = number(making: peer),
      contacts.contains(number) != isContact
    else { return }
    if isContact {
      contacts.insert(number)
      table.rows[Int(number)].flags.insert(.contact)
    } else {
      contacts.remove(number)
      table.rows[Int(number)].flags.remove(.contact)
    }
    refreshEdge(TrustView.observer, number, at: now)
    emit(.changed(peer))
    releaseIfUnused(number)
  }

  /// A blocked peer has score 0; nothing that it says counts and nothing is exchanged with it.
  public mutating func block(_ peer: PermID, _ isBlocked: Bool, at now: Moment) {
    guard peer != own, isBlocked || table[peer] != nil, let number = number(making: peer) else {
      return
    }
    if isBlocked {
      table.rows[Int(number)].flags.insert(.blocked)
    } else {
      table.rows[Int(number)].flags.remove(.blocked)
    }
    followBlock(number, at: now)
    if isBlocked, let index = links[peer] { links.remove(index) }
    books.bindings.table.reconsider(peer)
    books.relations.table.reconsider(peer)
    refreshScores(at: now)
    emit(.changed(peer))
    releaseIfUnused(number)
  }

  /// Changes the settings. Those of the scores' computation stay as they were.
  public mutating func apply(_ settings: DirectorySettings, at now: Moment) {
    let isWeighedAnew =
      settings.weights != self.settings.weights
      || settings.contactWeight != self.settings.contactWeight
    self.settings = settings
    if isWeighedAnew { rebuildGraph(at: now) }
    capacity.floor = 0
    makeRoom(at: now)
    refreshScores(at: now)
  }

  /// Scores follow soon: many changes at once cost little more than one.
  mutating func scheduleScores(at now: Moment) {
    if scoresDue == nil { scoresDue = now.boot + .milliseconds(100) }
  }

  mutating func refreshScores(at now: Moment) {
    scoresDue = nil
    trust.refresh()
    trust.look(hops: settings.friendHops, contacts: contacts.sorted(), in: table)
    countStrangers(at: now.boot)
    for index in links.connected {
      let standing = StandingClass(standing(of: links.peer(index)))
      if links.note(standing, of: index, at: now) { emit(.changed(links.peer(index))) }
    }
  }
}
