import IPv8Crypto
import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Port mapping".
@Suite("The port mapper")
struct PortMapperTests {
  /// A mapper and its gateway in virtual time; every answer takes a millisecond.
  private struct Pair: ~Copyable {
    var mapper: PortMapper
    var gateway: FakeGateway
    var now = Timestamp(nanoseconds: 1_000_000_000_000)
    var sent = 0
    var answersArrive = true

    init(_ gateway: FakeGateway, seed: UInt64 = 1) {
      mapper = PortMapper(
        client: IPv4Address(0xc0a8_0105), internalPort: 41_641, gateway: FakeGateway.address,
        socket: LocalSocket(9), entropy: Entropy(seed: seed))
      self.gateway = gateway
      var actions: [TraversalAction] = []
      mapper.start(at: now, into: &actions)
    }

    var mapping: PortMapping? { mapper.mapping }
    var hasFailed: Bool { mapper.hasFailed }

    mutating func run(for interval: Interval) {
      let end = now + interval
      while mapper.nextDeadline <= end {
        now = max(now, mapper.nextDeadline)
        var actions: [TraversalAction] = []
        mapper.advance(to: now, into: &actions)
        carryOut(actions)
      }
      now = end
    }

    mutating func carryOut(_ actions: [TraversalAction]) {
      var actions = actions
      while !actions.isEmpty {
        var more: [TraversalAction] = []
        for action in actions {
          switch action {
          case .send(let bytes, let to, _):
            sent += 1
            for answer in gateway.answers(bytes, to: to, at: now) where answersArrive {
              mapper.receive(answer.bytes, from: answer.source, at: now, into: &more)
            }
          case .exchange(let number, let bytes, let endpoint):
            let response = gateway.response(bytes, with: endpoint)
            mapper.finished(number, response, at: now, into: &more)
          case .open, .close: break
          }
        }
        actions = more
      }
    }
  }

  private static let all: Set<PortMappingProtocol> = [.pcp, .natPMP, .upnp]

  @Test(
    "maps by the best protocol that the gateway speaks",
    arguments: [
      (all, .pcp), ([.pcp], .pcp), ([.natPMP, .upnp], .natPMP), ([.natPMP], .natPMP),
      ([.upnp], .upnp), ([.pcp, .upnp], .pcp), ([], nil),
    ] as [(Set<PortMappingProtocol>, PortMappingProtocol?)])
  func best(speaks: Set<PortMappingProtocol>, best: PortMappingProtocol?) {
    for refuses in [false, true] where !(refuses && speaks.contains(.pcp)) {
      var gateway = FakeGateway(speaks)
      gateway.refusesPCP = refuses
      var pair = Pair(gateway)
      pair.run(for: .seconds(30))
      let mapping = pair.mapping
      #expect(mapping?.madeBy == best)
      let failed = pair.hasFailed
      #expect(failed == (best == nil))
      guard best != nil else { continue }
      #expect(mapping?.external == Endpoint(.v4(FakeGateway.outer), port: 41_641))
      #expect(pair.gateway.mappings == [41_641: 41_641] && mapping?.isUseful == true)
    }
  }

  @Test("sends a bounded number of datagrams to a gateway that is silent, and gives up in 5 s")
  func silence() {
    var pair = Pair(FakeGateway([]))
    pair.run(for: .seconds(5))
    let failed = pair.hasFailed
    #expect(failed && pair.sent <= 20)
    let next = pair.mapper.nextDeadline
    #expect(next == .distantFuture)
  }

  @Test(
    "takes the port that the gateway gives instead of the one wanted", arguments: [true, false])
  func conflict(isIGD2: Bool) {
    var upnp = FakeGateway([.upnp])
    upnp.takenPorts = [41_641]
    upnp.isIGD2 = isIGD2
    var pair = Pair(upnp)
    pair.run(for: .seconds(30))
    let port = pair.mapping?.external.port
    #expect(port != nil && port != 41_641 && pair.gateway.mappings[port ?? 0] == 41_641)
    var pcp = FakeGateway([.pcp])
    pcp.takenPorts = [41_641]
    var other = Pair(pcp)
    other.run(for: .seconds(5))
    #expect(other.mapping?.external.port == 40_000)
  }

  @Test("maps for ever where the gateway wants only that, and repeats it")
  func permanent() {
    var gateway = FakeGateway([.upnp])
    gateway.onlyPermanent = true
    var pair = Pair(gateway)
    pair.run(for: .seconds(30))
    #expect(pair.mapping != nil)
    let before = pair.gateway.requestCounts[.upnp] ?? 0
    pair.run(for: .seconds(2 * 3_600))
    #expect((pair.gateway.requestCounts[.upnp] ?? 0) > before)
  }

  @Test("renews at about half of the lifetime, for days", arguments: PortMappingProtocol.allCases)
  func renewal(kind: PortMappingProtocol) throws {
    var pair = Pair(FakeGateway([kind]))
    pair.run(for: .seconds(30))
    let standing = pair.mapping
    let first = try #require(standing)
    let before = pair.gateway.requestCounts[kind] ?? 0
    let lifetime: Int64 = kind == .upnp ? 7_200 : 3_600
    for _ in 0..<100 {
      pair.run(for: .seconds(lifetime / 10))
      let mapping = pair.mapping
      let (expires, now) = (mapping?.expires ?? now0, pair.now)
      #expect(mapping?.external == first.external && expires > now)
    }
    let renewals = (pair.gateway.requestCounts[kind] ?? 0) - before
    // Ten lifetimes hold about twenty renewals; one of UPnP takes two exchanges.
    #expect((18...23).contains(kind == .upnp ? renewals / 2 : renewals))
  }

  private let now0 = Timestamp(nanoseconds: 0)

  @Test(
    "maps anew at once where the gateway's clock began anew",
    arguments: [PortMappingProtocol.pcp, .natPMP])
  func restart(kind: PortMappingProtocol) {
    var pair = Pair(FakeGateway([kind]))
    pair.run(for: .seconds(100))
    pair.gateway.restart(at: pair.now)
    let control = Endpoint(.v4(FakeGateway.address), port: 5351)
    let announcement: [UInt8] =
      kind == .pcp
      ? [2, 0x80, 0, 0] + [UInt8](repeating: 0, count: 20)
      : [0, 0x80, 0, 0, 0, 0, 0, 0, 5, 5, 5, 5]
    var actions: [TraversalAction] = []
    let stranger = Endpoint(.v4(IPv4Address(0xc0a8_0102)), port: 5351)
    pair.mapper.receive(announcement, from: stranger, at: pair.now, into: &actions)
    #expect(actions.isEmpty)
    pair.mapper.receive(announcement, from: control, at: pair.now, into: &actions)
    #expect(!actions.isEmpty)
    pair.carryOut(actions)
    #expect(pair.gateway.mappings == [41_641: 41_641])
    // The same clock going on means nothing.
    pair.run(for: .seconds(10))
    var later = announcement
    later[kind == .pcp ? 11 : 7] = 10
    actions = []
    pair.mapper.receive(later, from: control, at: pair.now, into: &actions)
    #expect(actions.isEmpty)
  }

  @Test("keeps a mapping that cannot be renewed until it ends, then looks again")
  func lost() {
    var pair = Pair(FakeGateway([.pcp]))
    pair.run(for: .seconds(10))
    #expect(pair.mapping != nil)
    pair.answersArrive = false
    pair.run(for: .seconds(3_500))
    #expect(pair.mapping != nil)
    pair.run(for: .seconds(300))
    let failed = pair.hasFailed
    #expect(pair.mapping == nil && failed)
  }

  @Test("has the mapping taken back", arguments: PortMappingProtocol.allCases)
  func release(kind: PortMappingProtocol) {
    var pair = Pair(FakeGateway([kind]))
    pair.run(for: .seconds(30))
    #expect(pair.gateway.mappings.count == 1)
    var actions: [TraversalAction] = []
    pair.mapper.release(at: pair.now, into: &actions)
    pair.carryOut(actions)
    #expect(pair.gateway.mappings.isEmpty && pair.mapping == nil)
    pair.run(for: .seconds(10_000))
    let next = pair.mapper.nextDeadline
    #expect(pair.gateway.mappings.isEmpty && next == .distantFuture)
  }

  @Test("believes nobody but the gateway")
  func strangers() {
    var honest = FakeGateway(Self.all)
    for source in [
      Endpoint(.v4(IPv4Address(0xc0a8_0166)), port: 5351),
      Endpoint(.v4(FakeGateway.address), port: 5352),
      Endpoint(.v6(IPv6Address(UInt128(0xfe80) << 112 | 1)), port: 5351),
    ] {
      var pair = Pair(FakeGateway([]))
      var sent: [TraversalAction] = []
      pair.mapper.advance(to: pair.now, into: &sent)
      var actions: [TraversalAction] = []
      for case .send(let bytes, let to, _) in sent {
        for answer in honest.answers(bytes, to: to, at: pair.now) where answer.source.port == 5351 {
          pair.mapper.receive(answer.bytes, from: source, at: pair.now, into: &actions)
        }
      }
      #expect(actions.isEmpty && pair.mapping == nil)
    }
    // A search answered with a description elsewhere, or by somebody else.
    var elsewhere = FakeGateway([.upnp])
    elsewhere.location = "http://192.168.1.66:5000/d.xml"
    var pair = Pair(elsewhere)
    pair.run(for: .seconds(30))
    let failed = pair.hasFailed
    #expect(failed && pair.gateway.requestCounts[.upnp] ?? 0 <= 4)
  }

  @Test("takes any bytes")
  func garbage() {
    var random = TestRandom("Port mapper garbage")
    let control = Endpoint(.v4(FakeGateway.address), port: 5351)
    for round in 0..<300 {
      var pair = Pair(FakeGateway([]), seed: UInt64(round))
      var actions: [TraversalAction] = []
      for _ in 0..<20 {
        var bytes = random.bytes(Int(random.next() % 70))
        if !bytes.isEmpty, random.oneIn(2) { bytes[0] = random.oneIn(2) ? 0 : 2 }
        if bytes.count > 3 { bytes[1] = random.oneIn(2) ? 0x80 : 0x81 }
        pair.mapper.receive(
          bytes, from: random.oneIn(2) ? control : Endpoint(control.address, port: 1900),
          at: pair.now, into: &actions)
        pair.mapper.finished(
          Int(random.next() % 5), random.bytes(30), at: pair.now, into: &actions)
      }
      // Only an answer with our nonce could have mapped by PCP.
      #expect(pair.mapping?.madeBy != .pcp)
    }
  }
}
