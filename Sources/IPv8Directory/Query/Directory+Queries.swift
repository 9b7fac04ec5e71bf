import IPv8Crypto
import IPv8Records
import IPv8Sync
import IPv8Trust
import IPv8Wire

extension Directory {
  /// A peer asks. Strangers are answered from the table; for others the question is passed on.
  mutating func receiveQuery(_ body: [UInt8], from index: Int, at now: Moment) {
    let peer = links.peer(index)
    guard let query = QueryMessage(body), links[index].queries.take(at: now.boot) else {
      counters.queriesDropped += 1
      return
    }
    if let number = table.number(at: query.address), !isShunned(number),
      binding(of: table.name(number)) != nil
    {
      counters.queriesAnswered += 1
      return answer(query.request, table.rows[Int(number)].binding, to: peer)
    }
    let isOwn = queries.resolutions.contains { $0.request == query.request }
    guard query.hops > 0, !isOwn, queries.passed[query.request] == nil, queries.hasRoomToPass,
      standing(of: peer) != .stranger
    else { return answer(query.request, [], to: peer) }
    let others = peersToAsk(except: [peer]).filter { standing(of: $0) != .stranger }
    guard !others.isEmpty else { return answer(query.request, [], to: peer) }
    queries.pass(
      query.request,
      QueryTable.Passed(
        address: query.address, from: peer, waiting: Set(others),
        endsAt: now.boot + QueryTable.end), at: now.boot)
    let message = QueryMessage(
      request: query.request, hops: query.hops - 1, address: query.address)
    counters.queriesPassed += UInt64(others.count)
    for other in others { send(ControlFrame(.query, body: message.body), to: other) }
  }

  private mutating func answer(_ request: UInt64, _ binding: [UInt8], to peer: PermID) {
    send(
      ControlFrame(.answer, body: AnswerMessage(request: request, binding: binding).body), to: peer)
  }

  /// A peer answers: only what was asked of it, once, and only with what the address's owner signed.
  mutating func receiveAnswer(_ body: [UInt8], from index: Int, at now: Moment) {
    let peer = links.peer(index)
    guard let answer = AnswerMessage(body) else { return }
    let place = queries.resolutions.firstIndex { $0.request == answer.request }
    if let place, queries.resolutions[place].asked.contains(peer) {
      takeAnswer(answer, to: place, from: peer, at: now)
    } else if let passed = queries.passed[answer.request], passed.waiting.contains(peer) {
      passOn(answer, passed, from: peer, at: now)
    }
  }

  private mutating func takeAnswer(
    _ answer: AnswerMessage, to place: Int, from peer: PermID, at now: Moment
  ) {
    let address = queries.resolutions[place].address
    if Self.isBinding(answer.binding, of: address) {
      _ = take(
        Offer(bytes: answer.binding, source: .peer(peer), isAsked: true), at: now)
      return
    }
    queries.resolutions[place].open -= 1
    // Nobody of those asked knows: the next are asked at once.
    if queries.resolutions[place].open <= 0 { queries.resolutions[place].nextAt = now.boot }
    tickQueries(at: now)
  }

  private mutating func passOn(
    _ answer: AnswerMessage, _ passed: QueryTable.Passed, from peer: PermID, at now: Moment
  ) {
    var passed = passed
    passed.waiting.remove(peer)
    let isBinding = !passed.isAnswered && Self.isBinding(answer.binding, of: passed.address)
    if isBinding, isGenuine(answer.binding, from: peer, at: now) {
      passed.isAnswered = true
      self.answer(answer.request, answer.binding, to: passed.from)
    } else if passed.waiting.isEmpty, !passed.isAnswered {
      passed.isAnswered = true
      self.answer(answer.request, [], to: passed.from)
    }
    queries.passed[answer.request] = passed
  }

  /// Whether the bytes could be a binding of the address's owner; the signature is not looked at.
  private static func isBinding(_ bytes: [UInt8], of address: OverlayAddress) -> Bool {
    guard let (record, count) = BindingRecord.parse(bytes.rawSpan), bytes.count == count + 64
    else { return false }
    return OverlayAddress(of: record.permID) == address
  }

  /// Checks an answer that goes on to who asked; it is kept here, too, where there is room.
  private mutating func isGenuine(_ bytes: [UInt8], from peer: PermID, at now: Moment) -> Bool {
    switch take(Offer(bytes: bytes, source: .peer(peer)), at: now) {
    case .accepted, .known: true
    case .refused(.full), .refused(.tooOften), .older:
      (try? SignedBinding(verifying: bytes, at: now.wall)) != nil
    case .deferred, .contradiction, .refused: false
    }
  }
}
