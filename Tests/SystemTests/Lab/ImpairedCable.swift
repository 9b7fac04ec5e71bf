import Foundation
import IPv8Wire
import PacketOracle
import Synchronization

/// Two cables that meet in a namespace where this process carries frames from one to the other, and
/// loses, doubles and reorders some, drawn from a seed.
final class ImpairedCable {
  struct Faults: Sendable {
    /// Probabilities, 0...1, for each frame.
    var loss = 0.0
    var duplication = 0.0
    var reordering = 0.0
    /// How many frames overtake a late one at most.
    var lateness = 12
    /// Seconds that each frame takes.
    var delay = 0.0
  }

  /// What happened to frames so far, both ways.
  struct Counts: Equatable {
    var carried = 0
    var lost = 0
    var doubled = 0
    var late = 0
  }

  let hosts: (Host, Host)
  private let directions: [Direction]

  /// - Parameter joined: whether frames that the hosts' kernels leave uncut cross whole, as one.
  init(in lab: Lab, _ faults: Faults, seed: UInt64, joined: Bool) throws {
    let middle = Host(lab: lab, name: "wire", underlay: "")
    let ada = Host(lab: lab, name: "ada", underlay: "10.77.0.1")
    let bob = Host(lab: lab, name: "bob", underlay: "10.77.0.2")
    for host in [middle, ada, bob] {
      try lab.expect("ip", "netns", "add", host.namespace)
      try host.expect("ip", "link", "set", "dev", "lo", "up")
    }
    try middle.expect("sysctl", "-q", "-w", "net.ipv6.conf.default.disable_ipv6=1")
    for host in [ada, bob] {
      try lab.expect(
        "ip", "link", "add", "dev", "eth0", "netns", host.namespace, "type", "veth", "peer",
        "name", host.name, "netns", middle.namespace)
      try host.expect("ip", "address", "add", "\(host.underlay)/24", "dev", "eth0")
      try host.expect("ip", "link", "set", "dev", "eth0", "up")
      try middle.expect("ip", "link", "set", "dev", host.name, "up")
      if !joined { try host.switchOffloads(off: "eth0") }
    }
    hosts = (ada, bob)
    let names = [(ada.name, bob.name), (bob.name, ada.name)]
    directions = try names.enumerated().map { index, names in
      try Direction(
        from: PacketSocket(on: middle, interface: names.0),
        to: PacketSocket(on: middle, interface: names.1), faults, seed: seed + UInt64(index))
    }
  }

  deinit { for direction in directions { direction.stop() } }

  var counts: Counts {
    directions.reduce(into: Counts()) { sum, direction in
      let counts = direction.counts
      sum.carried += counts.carried
      sum.lost += counts.lost
      sum.doubled += counts.doubled
      sum.late += counts.late
    }
  }
}

/// One way of the cable, a thread of its own.
private final class Direction: Sendable {
  /// What the thread shares with its owner.
  private let shared = Mutex(ImpairedCable.Counts())
  private let isStopped = Atomic(false)
  private let hasEnded = DispatchSemaphore(value: 0)

  init(
    from source: PacketSocket, to destination: PacketSocket, _ faults: ImpairedCable.Faults,
    seed: UInt64
  ) {
    let carrier = Carrier(source, destination, faults, seed)
    Thread { [self] in
      while !isStopped.load(ordering: .relaxed) {
        carrier.step()
        shared.withLock { $0 = carrier.counts }
      }
      hasEnded.signal()
    }.start()
  }

  var counts: ImpairedCable.Counts { shared.withLock { $0 } }

  func stop() {
    isStopped.store(true, ordering: .relaxed)
    hasEnded.wait()
  }
}

/// Used by one thread alone, after its making.
private final class Carrier: @unchecked Sendable {
  private let source: PacketSocket
  private let destination: PacketSocket
  private let faults: ImpairedCable.Faults
  private var random: SeededRandom
  /// Late frames, and how many others each still lets pass.
  private var late: [(frame: TUNPacket, left: Int)] = []
  private(set) var counts = ImpairedCable.Counts()
  /// Frames under way, and when they are there.
  private var travelling: [(frame: TUNPacket, due: ContinuousClock.Instant)] = []

  init(
    _ source: PacketSocket, _ destination: PacketSocket, _ faults: ImpairedCable.Faults,
    _ seed: UInt64
  ) {
    (self.source, self.destination, self.faults) = (source, destination, faults)
    random = SeededRandom(seed: seed)
  }

  /// Carries one frame, or what is late where none has come for a while.
  func step() {
    let arrived = travelling.prefix { $0.due <= .now }
    travelling.removeFirst(arrived.count)
    for item in arrived { arrive(item.frame) }
    guard let received = try? source.receive(within: travelling.isEmpty ? 0.003 : 0.001) else {
      for item in late { send(item.frame) }
      late.removeAll()
      return
    }
    guard !happens(faults.loss) else {
      counts.lost += 1
      return
    }
    if happens(faults.reordering) {
      delay(received)
      counts.late += 1
    } else {
      send(received)
      if happens(faults.duplication) {
        counts.doubled += 1
        // Behind itself, or behind others.
        if Bool.random(using: &random) { send(received) } else { delay(received) }
      }
    }
    for index in late.indices { late[index].left -= 1 }
    for item in late where item.left < 0 { send(item.frame) }
    late.removeAll { $0.left < 0 }
  }

  private func delay(_ frame: TUNPacket) {
    late.append((frame, Int.random(in: 1...faults.lateness, using: &random)))
  }

  private func send(_ frame: TUNPacket) {
    guard faults.delay > 0 else { return arrive(frame) }
    travelling.append((frame, .now + .seconds(faults.delay)))
  }

  private func arrive(_ frame: TUNPacket) {
    // A full queue loses the frame, as any cable may.
    counts.carried += (try? destination.send(frame)) == nil ? 0 : 1
  }

  private func happens(_ probability: Double) -> Bool {
    probability > 0 && Double.random(in: 0..<1, using: &random) < probability
  }
}
