import IPv8Crypto
import IPv8Simulator
import IPv8Traversal
import IPv8Wire
import Testing

/// docs/protocol/traversal.md, "Mapping lifetime".
@Suite("The absolute lifetime of a mapping")
struct AbsoluteLifetimeTests {
  private final class Agent: NATAgent {
    private var measurement: AbsoluteLifetime
    private var sockets: SocketTable
    private var isStarted = false

    init(at address: IPAddress, reporter: Endpoint) {
      sockets = SocketTable(address)
      measurement = AbsoluteLifetime(
        reporter: reporter, socket: LocalSocket(7), entropy: Entropy(seed: 5))
    }

    var isDone: Bool { measurement.isDone }
    var lifetime: Interval? { measurement.lifetime }
    var openCount: Int { sockets.endpoints.count }
    var nextDeadline: Timestamp {
      isStarted ? measurement.nextDeadline : Timestamp(nanoseconds: 0)
    }

    func receive(
      _ bytes: [UInt8], from source: Endpoint, at local: Endpoint, now: Timestamp
    ) -> [NATDatagram] {
      guard let socket = sockets.socket(at: local) else { return [] }
      var actions: [TraversalAction] = []
      _ = measurement.receive(bytes.rawSpan, from: source, on: socket, at: now, into: &actions)
      return carryOut(actions, now)
    }

    func advance(to now: Timestamp) -> [NATDatagram] {
      var actions: [TraversalAction] = []
      if isStarted {
        measurement.advance(to: now, into: &actions)
      } else {
        isStarted = true
        measurement.start(at: now, into: &actions)
      }
      return carryOut(actions, now)
    }

    private func carryOut(_ actions: [TraversalAction], _ now: Timestamp) -> [NATDatagram] {
      var (datagrams, opened) = sockets.carryOut(actions)
      guard !opened.isEmpty else { return datagrams }
      var more: [TraversalAction] = []
      measurement.opened(now: now, into: &more)
      datagrams += sockets.carryOut(more).datagrams
      opened = []
      return datagrams
    }
  }

  private static func run(_ behaviour: NATBehaviour, outage: Bool = false) -> Agent {
    let internet = NATInternet(seed: 3)
    let server = ServerAgent(1, isWhole: false)
    internet.addHost(server, at: server.addresses)
    let realm = internet.addNAT(behaviour, at: .v4(IPv4Address(0x0505_0505)))
    let inner = IPAddress.v4(IPv4Address(0xc0a8_010a))
    let agent = Agent(at: inner, reporter: server.endpoints[0])
    internet.addHost(agent, at: [inner], in: realm)
    if outage {
      internet.run(for: .seconds(100))
      internet.loss = 1
      internet.run(for: .seconds(60))
      internet.loss = 0
    }
    internet.run(until: internet.now + .seconds(4_000)) { agent.isDone }
    return agent
  }

  @Test("is found within two packets' time", arguments: [48, 60, 75, 300] as [Int64])
  func finds(seconds: Int64) throws {
    var behaviour = NATBehaviour(.nothing, .addressAndPort, .random)
    behaviour.absolute = .seconds(seconds)
    let agent = Self.run(behaviour)
    let lifetime = try #require(agent.lifetime)
    #expect(agent.isDone && agent.openCount == 1)
    #expect(lifetime <= .seconds(seconds) && lifetime >= .seconds(seconds - 10))
  }

  @Test("is none where a mapping lives as long as it is used, or UDP is blocked")
  func none() {
    for behaviour in [NATBehaviour.portRestrictedCone, .symmetric, .blocked] {
      let agent = Self.run(behaviour)
      #expect(agent.isDone && agent.lifetime == nil && agent.openCount == 1)
    }
  }

  @Test("is not concluded from one outage")
  func outage() {
    let agent = Self.run(.symmetric, outage: true)
    #expect(agent.isDone && agent.lifetime == nil)
  }
}
