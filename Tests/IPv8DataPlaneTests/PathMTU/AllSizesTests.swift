import IPv8Simulator
import IPv8Wire
import P2TP
import PacketOracle
import Testing

@testable import IPv8DataPlane

/// In whatever state the search is, and whatever the way takes, a packet is delivered as it is or its
/// sender is told.
@Suite("Packets of all sizes")
struct AllSizesTests {
  static let mtus = [1280, 1420, 9000]

  /// How far the search is when packets leave, and whether it is over.
  struct Stage: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let isTrusted: Bool
    /// Of the way, in record bytes.
    let limit: Int
    /// Whether the search has gone so far.
    let isReached: @Sendable (PathMTUSearch) -> Bool
  }

  static let stages = [
    Stage(testDescription: "nothing asked", isTrusted: true, limit: .max) { _ in true },
    Stage(testDescription: "nothing asked, elsewhere", isTrusted: false, limit: .max) { _ in true },
    Stage(testDescription: "base", isTrusted: true, limit: 1251) { $0.size == 1200 },
    Stage(testDescription: "base confirmed", isTrusted: true, limit: 1251) { $0.confirmed == 1200 },
    Stage(testDescription: "complete, 1280", isTrusted: true, limit: 1252) {
      $0.state == .complete
    },
    Stage(testDescription: "complete, 1124", isTrusted: true, limit: 1096) {
      $0.state == .complete
    },
    Stage(testDescription: "error", isTrusted: true, limit: 1096) { $0.state == .error },
    Stage(testDescription: "above the minimum", isTrusted: true, limit: 1096) {
      $0.confirmed >= 548 && $0.state == .searching
    },
    Stage(testDescription: "least", isTrusted: true, limit: 548) { $0.state == .complete },
    Stage(testDescription: "all", isTrusted: true, limit: .max) { $0.state == .complete },
  ]

  /// A pair whose search has gone so far.
  private func pair(_ stage: Stage, mtu: Int) -> SuperPair {
    let pair = SuperPair(a: SuperEnd(1, mtu: mtu), b: SuperEnd(2, mtu: mtu))
    var path = SearchedPath(limit: stage.limit, maximum: mtu + 29, isTrusted: stage.isTrusted)
    if !stage.isReached(path.search) { path.begin() }
    path.run { stage.isReached($0.search) }
    #expect(stage.isReached(path.search))
    for end in [pair.a, pair.b] {
      end.lane.transmitter.peers[end.peer]?.path?.mtu = path.search
      if let limit = end.lane.transmitter.peers[end.peer]?.path?.freshPlaintextLimit {
        end.lane.transmitter.peers[end.peer]?.path?.plaintextLimit = limit
      }
    }
    return pair
  }

  @Test("are delivered or refused, both ways", arguments: stages)
  func sizes(_ stage: Stage) {
    for mtu in Self.mtus {
      let pair = pair(stage, mtu: mtu)
      var faults: [String] = []
      for (near, far) in [(pair.a, pair.b), (pair.b, pair.a)] {
        let step = mtu == 1280 ? 1 : 37
        for size in Array(stride(from: 1, to: mtu, by: step)) + [mtu - 1, mtu] {
          // All forms of the sizes about which anything is decided, one of each other.
          for form in 0..<5 where size % 5 == form || step > 1 || (1165...1180).contains(size) {
            guard let (sent, expected) = packet(size, form, near, far) else { continue }
            if let fault = fault(sent, expected, near, far, stage) {
              faults.append("MTU \(mtu), \(size) bytes, form \(form): \(fault)")
            }
          }
        }
      }
      #expect(faults.isEmpty, "\(faults.count): \(faults.prefix(5))")
    }
  }

  /// What is wrong with how a packet crosses; nil where nothing is.
  private func fault(
    _ sent: TUNPacket, _ expected: [UInt8], _ near: SuperEnd, _ far: SuperEnd, _ stage: Stage
  ) -> String? {
    let datagrams = near.transmit([sent])
    let replies = near.out.replies
    if datagrams.contains(where: { $0.count > stage.limit }) { return "longer than the way takes" }
    let arrived = far.receiveBatch(datagrams, from: near.endpoint)
    if let reply = replies.first {
      guard replies.count == 1, arrived.isEmpty else { return "refused and delivered" }
      return told(reply) >= 1280 && told(reply) < sent.bytes.count ? nil : "told \(told(reply))"
    }
    return arrived.map(complete) == [expected] ? nil : "\(arrived.count) arrived"
  }

  /// The MTU that an error tells.
  private func told(_ reply: [UInt8]) -> Int {
    reply[0] >> 4 == 6
      ? (reply[40] == 2 ? Int(reply.long(44)) : 0)
      : (reply[20] == 3 && reply[21] == 4 ? Int(reply.word(26)) : 0)
  }

  private func complete(_ packet: TUNPacket) -> [UInt8] {
    var bytes = packet.bytes
    if packet.offload.flags & OffloadHeader.needsChecksum != 0 {
      bytes.withMutableRawSpan {
        _ = $0.completeChecksum(
          start: Int(packet.offload.checksumStart), offset: Int(packet.offload.checksumOffset))
      }
    }
    return bytes
  }

  /// A packet as the kernel hands it over, and as it is to arrive; nil where there is none so short.
  private func packet(
    _ size: Int, _ form: Int, _ near: SuperEnd, _ far: SuperEnd
  ) -> (TUNPacket, [UInt8])? {
    let isIPv6 = form < 2
    let payload = (0..<max(0, size)).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ size) }
    func kernel(_ transport: KernelPacket.Transport, isLocal: Bool) -> KernelPacket? {
      let source: [UInt8]
      let destination: [UInt8]
      if isIPv6 {
        (source, destination) = (bytes(near.address), bytes(far.address))
      } else if isLocal {
        (source, destination) = (.big(near.alias.value), .big(near.peerAlias.value))
      } else {
        (source, destination) = (.big(far.peerAlias.value), .big(far.alias.value))
      }
      var packet = KernelPacket(
        source: source, destination: destination, transport: transport, payload: [])
      packet.dontFragment = form != 3
      let room = size - packet.ipLength - packet.transportLength
      guard room >= 0 else { return nil }
      packet.payload = Array(payload.prefix(room))
      return packet
    }
    let transport: KernelPacket.Transport = form == 1 || form == 4 ? .udp : .other(253)
    guard let local = kernel(transport, isLocal: true),
      let remote = kernel(transport, isLocal: false)
    else { return nil }
    let sent = transport == .udp ? TUNPacket(local) : TUNPacket(local.segments[0])
    return (sent, remote.segments[0])
  }

  private func bytes(_ address: OverlayAddress) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(bigEndian: address.value)
    return bytes
  }

  @Test("are sent by records of 1200 after a change of this host's network, until the way answers")
  func networkChanges() throws {
    let stage = try #require(Self.stages.last)
    let pair = pair(stage, mtu: 1420)
    let (sent, expected) = try #require(packet(1420, 0, pair.a, pair.b))
    #expect(pair.a.transmit([sent]).map(\.count) == [1448])
    let elsewhere = Endpoint(.v4(IPv4Address(0xc612_0009)), port: 1)
    let search = try #require(pair.a.lane.transmitter.peers[pair.a.peer]?.path?.mtu)
    pair.a.lane.transmitter.peers[pair.a.peer]?.path?.known = [
      KnownPathMTU(endpoint: elsewhere, search: search)
    ]
    var out = TransmitOutput()
    pair.a.lane.transmitter.forgetPaths(at: SuperPair.now, into: &out)
    // What it takes is asked at once, though nothing may be sent soon.
    #expect(out.records.contains { $0.bytes.count == 1449 })
    let datagrams = pair.a.transmit([sent])
    #expect(datagrams.count == 2 && datagrams.allSatisfy { $0.count <= 1200 })
    #expect(pair.b.receiveBatch(datagrams, from: pair.a.endpoint).map(complete) == [expected])
    #expect(pair.a.lane.transmitter.peers[pair.a.peer]?.path?.known.isEmpty == true)
  }

  @Test("packets that waited for a session too")
  func waiting() {
    for mtu in Self.mtus {
      let pair = SuperPair(
        a: SuperEnd(1, mtu: mtu), b: SuperEnd(2, mtu: mtu), isOpen: false)
      let sizes = [40, 500, 560, 1171, 1172, 1173, 1279, 1280]
      for size in sizes {
        guard let (sent, _) = packet(size, 0, pair.a, pair.b) else { continue }
        #expect(pair.a.transmit([sent]).isEmpty)
      }
      pair.a.out.removeAll()
      pair.install(ids: (0x110, 0x220), keys: (1, 2))
      let arrived = pair.b.receiveBatch(pair.a.out.records.map(\.bytes), from: pair.a.endpoint)
      #expect(arrived.map(\.bytes.count) == sizes)
    }
  }

  @Test("a large TCP packet is cut to what the way takes, and none is fragmented")
  func superPackets() {
    for stage in Self.stages where stage.limit != .max {
      let pair = pair(stage, mtu: 1420)
      for isIPv6 in [true, false] {
        let sent = pair.packet(
          isIPv6: isIPv6, .tcp(sequence: 99, flags: 0x18, options: []),
          (0..<20_000).map { UInt8(truncatingIfNeeded: $0) }, gsoSize: 1340)
        let datagrams = pair.a.transmit([TUNPacket(sent.local)])
        #expect(datagrams.allSatisfy { $0.count <= stage.limit })
        #expect(pair.a.counters.fragmented == 0 && pair.a.out.replies.isEmpty)
        let arrived = pair.b.receiveBatch(datagrams, from: pair.a.endpoint)
        let payload = arrived.flatMap { $0.bytes.dropFirst(isIPv6 ? 60 : 40) }
        #expect(payload == sent.local.payload)
      }
    }
  }
}
