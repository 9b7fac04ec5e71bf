import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// Two peers whose records reach a third in one batch.
@Suite("Super-packets of several peers")
struct TrioTests {
  /// docs/protocol/addresses.md: wire aliases of two peers may be equal.
  private static let wireAlias = IPv4Address(0x6455_aa07)

  private let peers = [SuperEnd(1, wireAlias: wireAlias), SuperEnd(3, wireAlias: wireAlias)]
  private let b = SuperEnd(2)

  init() {
    for (number, peer) in peers.enumerated() {
      let index = PeerIndex(number)
      peer.know(b)
      b.know(peer, as: index)
      let (one, two) = (UInt32(0x110 + 16 * number), UInt32(0x220 + 16 * number))
      let keys = (UInt8(2 * number + 1), UInt8(2 * number + 2))
      peer.install(b, ids: (one, two), keys: keys, .initiator)
      b.install(peer, as: index, ids: (two, one), keys: (keys.1, keys.0), .responder)
    }
  }

  /// Half of a TCP stream that two peers, as they are seen on the wire, could have sent together.
  private func half(_ number: Int) -> SuperPair.Sent {
    let payload = [UInt8](repeating: UInt8(number), count: 300)
    let local = KernelPacket(
      source: .big(peers[number].alias.value), destination: .big(peers[number].peerAlias.value),
      transport: .tcp(sequence: 1_000 + UInt32(300 * number), flags: 0x10, options: []),
      payload: payload, gsoSize: 100)
    var remote = local
    remote.source = .big(b.peerAlias(PeerIndex(number)).value)
    remote.destination = .big(b.alias.value)
    var sent = SuperPair.Sent(local: local, remote: remote)
    sent.change { $0.identification = UInt16(3 * number) }
    return sent
  }

  @Test("are not joined across peers, though all their headers continue each other")
  func apart() {
    let halves = [half(0), half(1)]
    let datagrams = halves.enumerated().map { peers[$0].transmit([TUNPacket($1.local)]) }
    // The session tells the peers apart, not where a train came from.
    let written = b.receive(b.place(trains: datagrams, from: peers[0].endpoint))
    #expect(written.count == 2)
    let found = written.flatMap { NaiveSegmenter.segments($0) ?? [] }
    #expect(difference(found, halves.flatMap { $0.remote.segments }) == nil)
  }
}
