import IPv8Simulator
import IPv8Wire

@testable import IPv8Node
@testable import P2TP

/// Two hosts that open a session under one setting while both talk; finds what is wrong at the end.
final class OpeningTrial {
  /// Virtual time within which both ends must have a session, and then hear each other.
  static let patience = Interval.seconds(40)
  /// Where half of everything is lost, a call may be given up; then a program's next packet counts.
  static let longPatience = Interval.seconds(120)
  /// A load level is left after ten calm seconds; it is raised again sooner.
  static let loadRepetition = Interval.seconds(4)
  /// Between the packets that each local program sends.
  static let talk = Interval.milliseconds(400)

  let setting: OpeningSetting
  let simulation: Simulation
  let a: SimulatedHost
  let b: SimulatedHost
  private(set) var findings: [String] = []
  /// Virtual time until both ends had heard each other.
  private(set) var duration = Interval.zero

  init(_ setting: OpeningSetting) {
    self.setting = setting
    let conditions = LinkConditions(
      loss: setting.loss, duplication: setting.duplication, reordering: setting.reordering)
    simulation = Simulation(seed: setting.seed, conditions: conditions)
    a = simulation.addHost(aeadOffer: setting.offers[0])
    b = simulation.addHost(aeadOffer: setting.offers[1])
    if setting.course == .gated { simulation.network.gated = [a.endpoint, b.endpoint] }
    simulation.introduce(a, to: b)
    simulation.introduce(b, to: a)
  }

  /// Empty where nothing is wrong.
  func run() -> [String] {
    raiseLoad()
    if setting.load != .none {
      simulation.afterStep = { [unowned self] in checkReturnRoutability() }
    }
    switch setting.course {
    case .normal: meet(talkers: [a])
    case .simultaneous, .gated: meet(talkers: [a, b])
    case .restartOne:
      meet(talkers: [a])
      let start = simulation.now
      restart([a])
      meet(talkers: [a, b], since: start)
    case .restartBoth:
      meet(talkers: [b])
      let start = simulation.now
      restart([a, b])
      meet(talkers: [a, b], since: start)
    }
    checkAgreement()
    findings += simulation.faults
    simulation.afterStep = nil
    return findings
  }

  private func restart(_ hosts: [SimulatedHost]) {
    for (number, host) in hosts.enumerated() {
      simulation.restart(host, seed: setting.seed &+ UInt64(number + 1) << 50)
      if number == 0 { simulation.run(for: .milliseconds(Int64(setting.seed % 300))) }
    }
    raiseLoad()
  }

  /// Lets each of `talkers` send one packet and waits until both ends have a new session by the
  /// handshake's own means; then both talk until each has heard the other.
  private func meet(talkers: [SimulatedHost], since earlier: Timestamp? = nil) {
    let start = earlier ?? simulation.now
    a.forgetDelivered()
    b.forgetDelivered()
    for (number, host) in talkers.enumerated() {
      if number > 0 { simulation.run(for: .milliseconds(Int64(setting.seed % 80))) }
      simulation.send([1], from: host, to: other(host))
    }
    guard
      wait(
        since: start, sending: setting.isHalfLost ? talkers : [],
        { self.hasSession(self.a, since: start) && self.hasSession(self.b, since: start) })
    else { return findings.append("no session at both ends") }
    duration = simulation.now - start
    guard
      wait(
        since: simulation.now, sending: [a, b],
        { !self.a.delivered.isEmpty && !self.b.delivered.isEmpty })
    else { return findings.append("no packets both ways") }
  }

  /// Runs until `condition` holds, keeping up the load, each of `talkers` sending now and then.
  private func wait(
    since start: Timestamp, sending talkers: [SimulatedHost] = [], _ condition: () -> Bool
  ) -> Bool {
    var loadRaised = start
    let patience = setting.isHalfLost ? Self.longPatience : Self.patience
    while simulation.now - start < patience {
      if simulation.now - loadRaised >= Self.loadRepetition {
        raiseLoad()
        loadRaised = simulation.now
      }
      if condition() { return true }
      for host in talkers { simulation.send([2], from: host, to: other(host)) }
      if simulation.run(for: Self.talk, condition) { return true }
    }
    return false
  }

  private func hasSession(_ host: SimulatedHost, since start: Timestamp) -> Bool {
    host.node.peers.values.contains { peer in
      peer.association.live.contains { $0.at >= start && $0.id == peer.association.sending }
    }
  }

  private func other(_ host: SimulatedHost) -> SimulatedHost { host === a ? b : a }

  /// On a network that is clean from now on, one packet each way arrives at the first attempt.
  private func checkAgreement() {
    guard findings.isEmpty else { return }
    simulation.network.conditions = .clean
    simulation.run(for: .milliseconds(300))
    for host in [a, b] {
      other(host).forgetDelivered()
      simulation.send([4], from: host, to: other(host))
      simulation.run(for: .milliseconds(200))
      if !other(host).delivered.contains(where: { $0.last == 4 }) {
        findings.append("\(host === a ? "b" : "a") cannot read what the other sends on")
      }
      checkCollision(host)
    }
  }

  /// Rule R6: of two sessions of opposite roles within 5 s, the one whose initiator is greater. After
  /// a restart the greater's may be dead to the peer, and then the other one counts.
  private func checkCollision(_ host: SimulatedHost) {
    guard [.simultaneous, .gated].contains(setting.course), !setting.isHalfLost else { return }
    let isGreater = host.permID > other(host).permID
    guard let peer = host.node.peers.values.first,
      let sending = peer.association.live.first(where: { $0.id == peer.association.sending })
    else { return findings.append("no session to send on") }
    for rival in peer.association.live where rival.role != sending.role {
      let apart = max(rival.at - sending.at, sending.at - rival.at)
      if apart < .seconds(5), (sending.role == .initiator) != isGreater {
        findings.append("the session of the lesser PermID won")
      }
    }
  }

  // MARK: Load

  private func raiseLoad() {
    for host in [a, b] {
      switch setting.load {
      case .none: break
      case .cookie: _ = host.node.gate.arrival(pending: .max, at: simulation.now)
      case .token: for _ in 0...50 { host.node.gate.forgery(at: simulation.now) }
      }
    }
  }

  private func checkReturnRoutability() {
    for host in [a, b] {
      for peer in host.node.peers.values where peer.association.answered?.routable.isEmpty == true {
        findings.append("state before return-routability at \(simulation.now.milliseconds) ms")
      }
    }
  }
}
