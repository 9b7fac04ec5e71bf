import IPv8Simulator
import IPv8Wire

/// A server under another address than its own.
final class Renumbered: NATAgent {
  private let agent: ServerAgent
  private let endpoint: Endpoint

  init(_ agent: ServerAgent, as endpoint: Endpoint) {
    self.agent = agent
    self.endpoint = endpoint
  }

  var nextDeadline: Timestamp { agent.nextDeadline }

  func receive(
    _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
  ) -> [NATDatagram] {
    agent.receive(bytes, from: source, at: agent.endpoints[0], now: now).map {
      NATDatagram($0.bytes, from: endpoint, to: $0.destination)
    }
  }

  func advance(to now: Timestamp) -> [NATDatagram] { [] }
}
