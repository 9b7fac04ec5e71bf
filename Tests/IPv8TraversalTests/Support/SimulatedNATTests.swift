import IPv8Simulator
import IPv8Wire
import Testing

/// The NAT model that the other tests stand on, against RFC 4787's words.
@Suite("The simulated NAT")
struct SimulatedNATTests {
  private static let outer = IPAddress.v4(IPv4Address(0x0505_0505))
  private static let start = Timestamp(nanoseconds: 1_000_000_000)

  private static func inner(_ number: UInt32, port: UInt16 = 1000) -> Endpoint {
    Endpoint(.v4(IPv4Address(0x0a00_0000 + number)), port: port)
  }
  private static func peer(_ number: UInt32, port: UInt16 = 9) -> Endpoint {
    Endpoint(.v4(IPv4Address(0x0600_0000 + number)), port: port)
  }

  @Test("maps by the inner endpoint, and by the peer's as far as it says")
  func mapping() {
    for (behaviour, sameAddress, sameEndpoint) in [
      (NATBehaviour.fullCone, true, true), (.addressSymmetric, false, true),
      (.symmetric, false, false),
    ] {
      var nat = SimulatedNAT(behaviour, outer: Self.outer, seed: 1)
      func map(_ to: Endpoint) -> Endpoint? {
        nat.send(from: Self.inner(1), to: to, at: Self.start)
      }
      let first = map(Self.peer(1))
      #expect(first == map(Self.peer(1)) && first?.address == Self.outer)
      #expect((first == map(Self.peer(2))) == sameAddress)
      #expect((first == map(Self.peer(1, port: 10))) == sameEndpoint)
      #expect(first != nat.send(from: Self.inner(2), to: Self.peer(1), at: Self.start))
    }
  }

  @Test("lets in by where packets went to")
  func filtering() throws {
    for (behaviour, otherPort, stranger) in [
      (NATBehaviour.fullCone, true, true), (.restrictedCone, true, false),
      (.portRestrictedCone, false, false), (.symmetric, false, false),
    ] {
      var nat = SimulatedNAT(behaviour, outer: Self.outer, seed: 1)
      let sent = nat.send(from: Self.inner(1), to: Self.peer(1), at: Self.start)
      let outer = try #require(sent)
      func gets(_ from: Endpoint) -> Bool {
        nat.receive(from: from, to: outer, at: Self.start) == Self.inner(1)
      }
      #expect(gets(Self.peer(1)))
      #expect(gets(Self.peer(1, port: 10)) == otherPort)
      #expect(gets(Self.peer(2)) == stranger)
    }
  }

  @Test("forgets a mapping after its time: unreplied, established, absolute")
  func lifetimes() throws {
    var behaviour = NATBehaviour.portRestrictedCone
    behaviour.absolute = .seconds(1000)
    func alive(packets: Int, after idle: Interval) throws -> Bool {
      var nat = SimulatedNAT(behaviour, outer: Self.outer, seed: 1)
      var outer: Endpoint?
      for packet in 0..<packets {
        if packet % 2 == 0 {
          outer = nat.send(from: Self.inner(1), to: Self.peer(1), at: Self.start)
        } else {
          _ = nat.receive(from: Self.peer(1), to: try #require(outer), at: Self.start)
        }
      }
      return nat.receive(from: Self.peer(1), to: try #require(outer), at: Self.start + idle) != nil
    }
    for (packets, seconds) in [(1, 30), (2, 30), (3, 120), (9, 120)] as [(Int, Int64)] {
      #expect(try alive(packets: packets, after: .seconds(seconds)))
      #expect(try !alive(packets: packets, after: .seconds(seconds) + .milliseconds(1)))
    }
    var nat = SimulatedNAT(behaviour, outer: Self.outer, seed: 1)
    let outer = nat.send(from: Self.inner(1), to: Self.peer(1), at: Self.start)
    var died: Int64?
    for second in 1...1200 as ClosedRange<Int64> where died == nil {
      let now = Self.start + .seconds(second)
      if nat.receive(from: Self.peer(1), to: try #require(outer), at: now) == nil { died = second }
      _ = nat.send(from: Self.inner(1), to: Self.peer(1), at: now)
    }
    #expect(died == 1001)
  }

  @Test("gives ports as its allocation says, and each only once")
  func allocation() {
    for allocation in [.preserving, .sequential(3), .random] as [NATBehaviour.Allocation] {
      let behaviour = NATBehaviour(.addressAndPort, .addressAndPort, allocation)
      var nat = SimulatedNAT(behaviour, outer: Self.outer, seed: 1)
      let ports = (1...200 as ClosedRange<UInt32>).compactMap {
        nat.send(from: Self.inner($0), to: Self.peer($0), at: Self.start)?.port
      }
      #expect(Set(ports).count == 200)
      switch allocation {
      case .preserving: #expect(ports.first == 1000)
      case .sequential(let step):
        #expect(zip(ports, ports.dropFirst()).allSatisfy { Int($1) - Int($0) == step })
      case .random: #expect(ports.sorted() != ports)
      }
      #expect(nat.mappingCount(at: Self.start) == 200)
      #expect(nat.mappingCount(at: Self.start + .seconds(31)) == 0)
    }
  }
}
