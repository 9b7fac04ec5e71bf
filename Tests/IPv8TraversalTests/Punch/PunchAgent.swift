import IPv8Simulator
import IPv8Traversal
import IPv8Wire

/// A host that follows a punch schedule, and answers knocks.
final class PunchAgent: NATAgent {
  private static let knock: UInt8 = 1
  private static let answer: UInt8 = 2

  let address: IPAddress
  private let sockets: [Endpoint]
  private var schedule: [(at: Timestamp, knock: ScheduledKnock)] = []
  /// When an answer to a knock of ours came, and from where: the way is open in both directions.
  private(set) var opened: (at: Timestamp, peer: Endpoint)?
  /// Keeps a mapping towards the introducer, so that its reflexive endpoint stands.
  private var greeting: NATDatagram?

  init(at address: IPAddress, socketCount: Int = 1, introducer: Endpoint) {
    self.address = address
    sockets = (0..<socketCount).map { Endpoint(address, port: UInt16(41_641 + $0)) }
    greeting = NATDatagram([9], from: sockets[0], to: introducer)
  }

  func follow(_ knocks: [ScheduledKnock], from start: Timestamp) {
    schedule = knocks.map { (start + $0.at, $0) }.sorted { $0.at < $1.at }
  }

  var nextDeadline: Timestamp {
    greeting != nil ? Timestamp(nanoseconds: 0) : schedule.first?.at ?? .distantFuture
  }

  func advance(to now: Timestamp) -> [NATDatagram] {
    if let greeting {
      self.greeting = nil
      return [greeting]
    }
    var sent: [NATDatagram] = []
    while let next = schedule.first, next.at <= now {
      schedule.removeFirst()
      guard opened == nil else { continue }
      sent.append(
        NATDatagram(
          [Self.knock], from: sockets[next.knock.socket], to: next.knock.destination))
    }
    return sent
  }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    guard sockets.contains(local) else { return [] }
    if bytes == [Self.answer], opened == nil { opened = (now, source) }
    guard bytes == [Self.knock] else { return [] }
    return [NATDatagram([Self.answer], from: local, to: source)]
  }
}

/// The mutual peer: it sees where each side is.
final class Introducer: NATAgent {
  let endpoint: Endpoint
  /// Sources in the order of their packets.
  var seen: [Endpoint] { packets.map(\.source) }
  private var packets: [NATDatagram] = []

  init(at endpoint: Endpoint) { self.endpoint = endpoint }

  var nextDeadline: Timestamp { .distantFuture }
  func advance(to now: Timestamp) -> [NATDatagram] { [] }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    packets.append(NATDatagram(bytes, from: source, to: local))
    return []
  }
}
