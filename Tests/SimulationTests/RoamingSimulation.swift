import IPv8Simulator
import IPv8Wire
import Testing

@testable import IPv8DataPlane
@testable import IPv8Node

/// docs/protocol: paths and their validation.
@Suite("A moving peer")
struct RoamingSimulation {
  private let elsewhere = Endpoint(.v4(IPv4Address(0xcb00_7105)), port: 55)

  private func path(_ host: SimulatedHost) -> PeerPath? {
    host.lane.transmitter.peers[PeerIndex(0)]?.path
  }

  @Test("is heard at its new address after one round trip, and nothing it sends is lost")
  func moves() {
    let pair = Pair.open(seed: 1)
    _ = pair.talk(for: .seconds(2), every: .milliseconds(100))
    pair.b.forgetDelivered()
    pair.simulation.move(pair.a, to: elsewhere)
    for number in 0..<10 {
      pair.simulation.send([UInt8(number)], from: pair.a, to: pair.b)
      pair.simulation.run(for: .milliseconds(10))
    }
    pair.simulation.run(for: .milliseconds(100))
    #expect(pair.b.delivered.count == 10)
    #expect(path(pair.b)?.current == elsewhere && path(pair.b)?.tentative == nil)
    pair.simulation.send([42], from: pair.b, to: pair.a)
    pair.simulation.run(for: .milliseconds(100))
    #expect(pair.a.delivered.last?.last == 42)
    #expect(pair.b.events.contains(.moved(PeerIndex(0), elsewhere)))
  }

  @Test("is followed where only its NAT's mapping changed, without its knowing")
  func rebinds() {
    let pair = Pair.open(seed: 2)
    pair.simulation.move(pair.a, to: elsewhere, challenging: false)
    pair.simulation.send([1], from: pair.a, to: pair.b)
    pair.simulation.run(for: .milliseconds(200))
    #expect(path(pair.b)?.current == elsewhere)
  }

  @Test("unproven gets no more bytes than it sent")
  func isLimited() {
    let pair = Pair.open(seed: 3)
    // The new address sends one record and then hears, but never answers.
    pair.simulation.network.unplugged.insert(elsewhere)
    let victim = pair.a.endpoint
    pair.simulation.move(pair.a, to: elsewhere, challenging: false)
    pair.simulation.network.unplugged.insert(elsewhere)
    pair.simulation.send([1], from: pair.a, to: pair.b)
    pair.simulation.run(for: .milliseconds(50))
    for _ in 0..<500 {
      pair.simulation.send([UInt8](repeating: 7, count: 1000), from: pair.b, to: pair.a)
      pair.simulation.run(for: .milliseconds(10))
      // The mover asks again and again, because nothing reaches it.
      let asked = pair.simulation.network.sentBytes[elsewhere] ?? 0
      let sent = pair.simulation.network.receivedBytes[elsewhere] ?? 0
      #expect(asked > 0 && sent <= asked)
    }
    #expect((pair.simulation.network.receivedBytes[elsewhere] ?? 0) > 0)
    #expect(path(pair.b)?.current == victim)
  }

  @Test("is found again within two round trips once a copier of its datagrams stops")
  func survivesCopies() {
    let pair = Pair.open(seed: 4)
    _ = pair.talk(for: .seconds(1), every: .milliseconds(50))
    // Copies arrive first, from elsewhere; the originals are replays then.
    let home = pair.a.endpoint
    pair.simulation.move(pair.a, to: elsewhere, challenging: false)
    pair.simulation.network.unplugged.insert(elsewhere)
    for _ in 0..<20 {
      pair.simulation.send([1], from: pair.a, to: pair.b)
      pair.simulation.run(for: .milliseconds(50))
    }
    #expect(path(pair.b)?.current == home, "the copier cannot answer the challenge")
    pair.simulation.move(pair.a, to: home, challenging: false)
    pair.simulation.send([1], from: pair.a, to: pair.b)
    pair.simulation.run(for: .milliseconds(100))
    #expect(path(pair.b)?.current == home && path(pair.b)?.tentative == nil)
    pair.a.forgetDelivered()
    pair.simulation.send([9], from: pair.b, to: pair.a)
    pair.simulation.run(for: .milliseconds(100))
    #expect(pair.a.delivered.last?.last == 9)
  }

  @Test(
    "is pinged at its tentative address no more often than its datagrams allow, and before data")
  func challengesCount() {
    var path = PeerPath(elsewhere)
    let now = Timestamp(nanoseconds: 5_000_000_000)
    let other = Endpoint(elsewhere.address, port: 56)
    let asks = path.heard(
      from: other, byteCount: 210, newest: true, sign: .data, last: now, at: now, token: 1)
    #expect(asks && path.nextDeadline == now)
    let data = (0..<2).map { _ in path.destination(for: 80) }
    #expect(data == [other, elsewhere], "80 bytes more would leave none for the challenge")
    let admitted = (0..<3).map { _ in path.admits(64, to: other) }
    #expect(admitted == [true, true, false])
  }
}
