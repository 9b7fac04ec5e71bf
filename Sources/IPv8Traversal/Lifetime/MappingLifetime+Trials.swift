import IPv8Crypto
import IPv8Wire

extension MappingLifetime {
  /// A socket that was asked for stands.
  public mutating func opened(
    _ socket: LocalSocket, now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard let place = trials.firstIndex(where: { $0.socket == socket }),
      trials[place].phase == .opening
    else { return }
    switch trials[place].timer {
    case .unreplied: askLate(place, at: now, into: &actions)
    case .established: warm(place, at: now, into: &actions)
    }
  }

  /// Takes an answer; false where it is none of ours.
  public mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) -> Bool {
    guard let message = STUNMessage(datagram), message.messageClass == .success,
      let place = trials.firstIndex(where: { $0.socket == socket }),
      trials[place].reporter == source
    else { return false }
    if trials[place].phase == .waiting {
      guard trials[place].transaction == message.transaction else { return false }
      answered(trials[place], at: now, into: &actions)
      return true
    }
    guard client.take(message, where: { $0.socket == socket }) != nil else { return false }
    trials[place].exchanges += 1
    if trials[place].exchanges == 1 {
      trials[place].phase = .resting
      trials[place].deadline = now + Self.warmUp
    } else {
      askLate(place, at: now, into: &actions)
    }
    return true
  }

  private mutating func warm(
    _ place: Int, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    trials[place].phase = .warming
    // The client gives up before.
    trials[place].deadline = .distantFuture
    client.ask(
      trials[place].socket, of: trials[place].reporter, on: trials[place].socket,
      id: entropy.bytes(12), at: now, into: &actions)
  }

  /// One packet, once: another would begin the idle time anew.
  private mutating func askLate(
    _ place: Int, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    let transaction = STUNTransaction(id: entropy.bytes(12))
    var message = STUNMessage(.request, transaction: transaction)
    message.responseDelay = UInt16(trials[place].seconds)
    trials[place].transaction = transaction
    trials[place].phase = .waiting
    trials[place].asked = now
    trials[place].deadline = now + .seconds(trials[place].seconds) + Self.grace
    actions.append(
      .send(
        STUNClient<LocalSocket>.padded(message), to: trials[place].reporter,
        on: trials[place].socket))
  }

  private mutating func answered(
    _ trial: Trial, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    // A server that does not know the attribute answers at once.
    guard now - trial.asked >= .seconds(trial.seconds) else {
      void(trial.socket, at: now, into: &actions)
      return
    }
    conclude(trial, survived: true, at: now, into: &actions)
  }

  mutating func expire(
    _ trial: Trial, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard let place = trials.firstIndex(where: { $0.socket == trial.socket }) else { return }
    switch trial.phase {
    case .opening: void(trial.socket, at: now, into: &actions)
    case .warming: break
    case .resting: warm(place, at: now, into: &actions)
    case .waiting: conclude(trial, survived: false, at: now, into: &actions)
    }
  }
}
