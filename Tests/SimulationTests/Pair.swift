import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8Node

/// Two hosts that know each other, on a clean network unless said otherwise.
struct Pair {
  let simulation: Simulation
  let a: SimulatedHost
  let b: SimulatedHost

  init(seed: UInt64, conditions: LinkConditions = .clean, keepOpen: Bool = false) {
    simulation = Simulation(seed: seed, conditions: conditions)
    a = simulation.addHost()
    b = simulation.addHost()
    simulation.introduce(a, to: b, keepOpen: keepOpen)
    simulation.introduce(b, to: a, keepOpen: keepOpen)
  }

  /// A pair whose session is open and confirmed.
  static func open(seed: UInt64, conditions: LinkConditions = .clean) -> Pair {
    let pair = Pair(seed: seed, conditions: conditions)
    pair.simulation.send([0], from: pair.a, to: pair.b)
    _ = pair.simulation.run(for: .seconds(5)) { !pair.b.delivered.isEmpty }
    pair.simulation.run(for: .seconds(1))
    return pair
  }

  /// Sends one packet each way every `interval` for `time`; each packet has its number inside.
  func talk(for time: Interval, every interval: Interval) -> Int {
    let end = simulation.now + time
    var sent = 0
    while simulation.now < end {
      var payload: [UInt8] = []
      payload.append(bigEndian: UInt32(sent))
      simulation.send(payload, from: a, to: b)
      simulation.send(payload, from: b, to: a)
      sent += 1
      simulation.run(for: interval)
    }
    simulation.run(for: .seconds(1))
    return sent
  }

  var datagrams: Int {
    [a, b].map { simulation.network.sentDatagrams[$0.endpoint] ?? 0 }.reduce(0, +)
  }

  func isOpen(_ host: SimulatedHost) -> Bool {
    host.node.peers.keys.allSatisfy { host.lane.report($0).isOpen }
  }

  /// How many sessions opened at `host` so far.
  func openings(_ host: SimulatedHost) -> Int {
    host.notes.count { if case .opened = $0 { true } else { false } }
  }
}
