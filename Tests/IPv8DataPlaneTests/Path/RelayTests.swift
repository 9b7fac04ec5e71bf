import IPv8Crypto
import IPv8Simulator
import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

/// docs/protocol/introductions.md: relays. Two peers with one session, whose only way is a third.
@Suite("A relay")
struct RelayTests {
  private let now = LanePair.start
  private let a = LaneEnd(1)
  private let b = LaneEnd(2)
  private let relay = LaneEnd(3)
  /// The relay's index at both ends.
  private let relayIndex = PeerIndex(1)
  private let tagA: RelayTag
  private let tagB: RelayTag

  init() throws {
    tagA = try #require(RelayTag(0xa))
    tagB = try #require(RelayTag(0x3fff_ffff))
    a.know(b)
    b.know(a)
    for (end, tag) in [(a, tagA), (b, tagB)] {
      end.know(relay, as: relayIndex)
      let (toRelay, _) = LanePair.sessions(end, relay, .aes256GCM, (0x330, 0x440), now)
      end.lane.install(toRelay, of: relayIndex, sendOn: true, at: now, into: &end.out)
      end.lane.receiver.setRelay(
        RelayLink(source: relay.endpoint, tag: tag, target: .here(relayIndex)))
    }
    setPair(bytesPerSecond: 1_000_000)
    let (one, two) = LanePair.sessions(a, b, .chaCha20Poly1305, (0x110, 0x220), now)
    let byA = Endpoint(.relay(relayIndex, tag: tagA))
    let byB = Endpoint(.relay(relayIndex, tag: tagB))
    a.lane.install(one.at(byA), of: a.peer, sendOn: true, at: now, into: &a.out)
    b.lane.install(two.at(byB), of: b.peer, sendOn: true, at: now, into: &b.out)
  }

  private func setPair(bytesPerSecond rate: UInt32) {
    relay.lane.receiver.setRelay(
      RelayLink(
        source: a.endpoint, tag: tagA,
        target: .onward(b.endpoint, tag: tagB, bytesPerSecond: rate)))
    relay.lane.receiver.setRelay(
      RelayLink(
        source: b.endpoint, tag: tagB,
        target: .onward(a.endpoint, tag: tagA, bytesPerSecond: rate)))
  }

  /// What the relay sends on of what it received, and where to.
  private func pass(_ datagrams: [[UInt8]], from source: Endpoint) -> [(Endpoint, [UInt8])] {
    datagrams.flatMap { datagram in
      _ = relay.receive([datagram], from: source, at: now)
      return relay.out.onward.map { onward in
        var bytes: [UInt8] = []
        bytes.append(bigEndian: DatagramKind.relayWord(onward.tag))
        bytes += relay.slab.bytes(of: onward.range).dropFirst(4)
        return (onward.destination, bytes)
      }
    }
  }

  private func packet(_ payload: [UInt8]) -> [UInt8] {
    packet6(from: a.address, to: b.address, payload)
  }

  @Test("carries packets both ways; on the wire and at the relay they are tags and sealed records")
  func carries() throws {
    let there = a.transmit([packet([1, 2, 3])], at: now)
    #expect(a.out.datagrams.map(\.destination) == [relay.endpoint])
    #expect(there.map { DatagramKind($0.rawSpan) } == [.relayed(tagA)])
    let passed = pass(there, from: a.endpoint)
    #expect(passed.map(\.0) == [b.endpoint])
    #expect(passed.map { DatagramKind($0.1.rawSpan) } == [.relayed(tagB)])
    #expect(relay.out.packets.isEmpty && relay.out.unclaimed.isEmpty)
    let delivered = b.receive(passed.map(\.1), from: relay.endpoint, at: now)
    #expect(delivered == [packet([1, 2, 3])])

    let back = b.transmit([packet6(from: b.address, to: a.address, [4])], at: now)
    let returned = pass(back, from: b.endpoint)
    #expect(returned.map(\.0) == [a.endpoint])
    let answer = a.receive(returned.map(\.1), from: relay.endpoint, at: now)
    #expect(answer == [packet6(from: b.address, to: a.address, [4])])
  }

  @Test("passes on the ECN codepoint that a datagram came with")
  func congestion() {
    let sealed = a.transmit([packet([1])], at: now)
    for ecn in 0..<4 as Range<UInt8> {
      _ = relay.receive(sealed, from: a.endpoint, ecn: ecn, at: now)
      #expect(relay.out.onward.map(\.ecn) == [ecn])
    }
  }

  @Test("can neither alter nor replay what it carries, nor send it back")
  func isPowerless() throws {
    let sealed = try #require(pass(a.transmit([packet([7])], at: now), from: a.endpoint).first?.1)
    for place in 4..<sealed.count {
      var altered = sealed
      altered[place] ^= 1
      let delivered = b.receive([altered], from: relay.endpoint, at: now)
      #expect(delivered.isEmpty, "byte \(place)")
    }
    let first = b.receive([sealed], from: relay.endpoint, at: now)
    let again = b.receive([sealed], from: relay.endpoint, at: now)
    #expect(first.count == 1 && again.isEmpty && b.counters.replayed == 1)
    var reflected: [UInt8] = []
    reflected.append(bigEndian: DatagramKind.relayWord(tagA))
    let toSender = a.receive([reflected + sealed.dropFirst(4)], from: relay.endpoint, at: now)
    #expect(toSender.isEmpty)
  }

  @Test("passes nothing on from elsewhere, under another tag, or nested")
  func isStrict() {
    let datagrams = a.transmit([packet([7])], at: now)
    #expect(pass(datagrams, from: b.endpoint).isEmpty)
    var other: [UInt8] = []
    other.append(bigEndian: DatagramKind.relayWord(tagB))
    #expect(pass(datagrams.map { other + $0.dropFirst(4) }, from: a.endpoint).isEmpty)
    #expect(relay.counters.unknownRelay == 2 && relay.counters.relayed == 0)
    let nested = b.receive(datagrams.map { other + $0 }, from: relay.endpoint, at: now)
    #expect(nested.isEmpty && b.out.unclaimed.isEmpty && b.counters.unknownRelay == 1)
  }

  @Test("passes on no more than the pair's rate and a quarter of a second of it")
  func isLimited() {
    setPair(bytesPerSecond: 10_000)
    let count = (0..<20).reduce(0) { sum, _ in
      sum
        + pass(a.transmit([packet([UInt8](repeating: 0, count: 900))], at: now), from: a.endpoint)
        .count
    }
    // Of about 1,000 bytes each: 2,500 bytes at once.
    #expect(count == 2 && relay.counters.relayRate == 18)
    #expect(relay.counters.relayedBytes <= 2_500)
  }

  @Test("is left by both ends, without any data, once one of them has found a direct way")
  func isLeft() {
    a.out.removeAll()
    a.lane.probe(a.peer, b.endpoint, at: now, into: &a.out)
    var (sender, receiver) = (a, b)
    var rounds = 0
    while !sender.out.records.isEmpty, rounds < 10 {
      let direct = sender.out.records.filter { $0.destination == receiver.endpoint }.map(\.bytes)
      var answers: [TransmitOutput.ControlRecord] = []
      for record in direct {
        _ = receiver.receive([record], from: sender.endpoint, at: now)
        receiver.lane.advance(to: now, into: &receiver.out)
        answers += receiver.out.records
      }
      receiver.out.records = answers
      (sender, receiver) = (receiver, sender)
      rounds += 1
    }
    // A challenge and its answer; that we are here, and the other's own challenge; its answer.
    #expect(rounds <= 6)
    #expect(a.lane.report(a.peer).endpoint == b.endpoint)
    #expect(b.lane.report(b.peer).endpoint == a.endpoint)
  }

  @Test("that has no path of its own any more costs the datagram, nothing else")
  func isGone() {
    a.lane.removePeer(relayIndex)
    #expect(a.transmit([packet([7])], at: now).isEmpty)
  }
}

extension EstablishedSession {
  fileprivate func at(_ endpoint: Endpoint) -> EstablishedSession {
    EstablishedSession.forTests(
      ids: (localID.value, remoteID.value), isInitiator: role == .initiator, suite: suite,
      keys: (sendKey, receiveKey), at: establishedAt, endpoint: endpoint)
  }
}
