import IPv8Wire

/// Echoes that somebody waits for: those sent, by token, and those that wait for a session.
struct PingTable {
  struct Waiting {
    let deadline: Timestamp
    let reply: Reply<EnginePong?>
  }

  private var sent: [UInt64: Waiting] = [:]
  private var unsent: [PeerIndex: [Waiting]] = [:]

  var nextDeadline: Timestamp {
    (sent.values.map(\.deadline) + unsent.values.flatMap { $0.map(\.deadline) }).min()
      ?? .distantFuture
  }

  mutating func sent(_ token: UInt64, _ waiting: Waiting) { sent[token] = waiting }

  mutating func wait(for index: PeerIndex, _ waiting: Waiting) {
    unsent[index, default: []].append(waiting)
  }

  mutating func takeWaiting(for index: PeerIndex) -> [Waiting] {
    unsent.removeValue(forKey: index) ?? []
  }

  mutating func answered(_ token: UInt64, _ pong: EnginePong) {
    sent.removeValue(forKey: token)?.reply.send(pong)
  }

  /// Answers those whose time is over with nil.
  mutating func expire(at now: Timestamp) {
    guard nextDeadline <= now else { return }
    for (token, waiting) in sent where waiting.deadline <= now {
      sent[token] = nil
      waiting.reply.send(nil)
    }
    for (index, list) in unsent {
      for waiting in list where waiting.deadline <= now { waiting.reply.send(nil) }
      let rest = list.filter { $0.deadline > now }
      unsent[index] = rest.isEmpty ? nil : rest
    }
  }

  mutating func failAll() { expire(at: .distantFuture) }
}
