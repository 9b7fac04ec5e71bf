import IPv8Crypto
import IPv8Records
import IPv8Trust
import IPv8Wire

extension Directory {
  /// Looks for whose address it is, here and, where no binding is known, at peers; ends with
  /// ``DirectoryOutput/resolved(_:_:)``, after 3 s at most.
  public mutating func resolve(_ address: OverlayAddress, at now: Moment) {
    if let number = table.number(at: address), binding(of: table.name(number)) != nil {
      return emit(.resolved(address, table.name(number)))
    }
    guard !queries.resolutions.contains(where: { $0.address == address }) else { return }
    guard !queries.isUnknown(address, at: now.boot),
      queries.resolutions.count < DirectoryLimits.resolutions
    else { return emit(.resolved(address, nil)) }
    queries.resolutions.append(
      QueryTable.Resolution(
        address: address, request: random.next(), nextAt: now.boot,
        endsAt: now.boot + QueryTable.end))
    tickQueries(at: now)
    settle(at: now)
  }

  /// A binding came: questions for its owner's address are answered.
  mutating func found(_ number: PeerNumber, at now: Moment) {
    let peer = table.name(number)
    if contacts.contains(number) || links[peer] != nil || trust.isReached(number) {
      emit(.changed(peer))
    }
    guard !queries.resolutions.isEmpty, binding(of: peer) != nil else { return }
    let address = OverlayAddress(of: peer)
    guard let place = queries.resolutions.firstIndex(where: { $0.address == address }) else {
      return
    }
    queries.resolutions.remove(at: place)
    queries.noteKnown(address)
    emit(.resolved(address, peer))
  }

  mutating func tickQueries(at now: Moment) {
    queries.forget(at: now.boot)
    var place = 0
    while place < queries.resolutions.count {
      let resolution = queries.resolutions[place]
      if resolution.endsAt <= now.boot {
        giveUp(place, at: now)
      } else if resolution.nextAt <= now.boot, !ask(place, at: now) {
        giveUp(place, at: now)
      } else {
        place += 1
      }
    }
  }

  private mutating func giveUp(_ place: Int, at now: Moment) {
    let resolution = queries.resolutions.remove(at: place)
    if !resolution.asked.isEmpty { queries.noteUnknown(resolution.address, at: now.boot) }
    emit(.resolved(resolution.address, nil))
  }

  /// Asks the next peers; false where there are no more and no answer is awaited.
  private mutating func ask(_ place: Int, at now: Moment) -> Bool {
    let resolution = queries.resolutions[place]
    let peers = peersToAsk(except: resolution.asked)
    queries.resolutions[place].nextAt = now.boot + QueryTable.patience
    guard !peers.isEmpty else { return resolution.open > 0 }
    let message = QueryMessage(
      request: resolution.request, hops: QueryMessage.hopLimit, address: resolution.address)
    for peer in peers {
      queries.resolutions[place].asked.insert(peer)
      queries.resolutions[place].open += 1
      counters.queriesSent += 1
      send(ControlFrame(.query, body: message.body), to: peer)
    }
    return true
  }

  /// The two best connected peers and one by chance; strangers where there are no others.
  mutating func peersToAsk(except asked: Set<PermID>) -> [PermID] {
    let open = links.connected.map { links.peer($0) }.filter { !asked.contains($0) }
    let known = open.filter { standing(of: $0) != .stranger }
    var order = ranked(known.isEmpty ? open : known)
    guard order.count > QueryTable.fanOut else { return order }
    order.swapAt(
      QueryTable.fanOut - 1,
      QueryTable.fanOut - 1
        + Int(random.next() % UInt64(order.count - QueryTable.fanOut + 1)))
    return Array(order.prefix(QueryTable.fanOut))
  }
}
