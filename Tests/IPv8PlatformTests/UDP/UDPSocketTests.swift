import CIPv8Linux
import Glibc
import IPv8Wire
import Testing

@testable import IPv8Platform

/// A slab with random datagrams in it, runs of equal sizes among them, and their content.
private struct Batch: ~Copyable {
  var slab = PacketSlab(slotCount: 300, slotSize: 1_600)
  var datagrams: [OutgoingDatagram] = []
  var contents: [[UInt8]] = []

  init(seed: UInt64, to destinations: [Endpoint]) throws {
    var random = SeededRandom(seed: seed)
    var size = 1_000
    var destination = destinations[0]
    for slot in 0..<slab.slotCount {
      if Int.random(in: 0..<12, using: &random) == 0 {
        size = .random(in: 1...1_400, using: &random)
      }
      if Int.random(in: 0..<40, using: &random) == 0, let other = destinations.last {
        destination = destination == other ? destinations[0] : other
      }
      let content = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      let range = PacketRange(slot: slot, offset: PacketSlab.headroom, length: size)
      var span = slab[range]
      span.copy(content.rawSpan, to: 0)
      datagrams.append(OutgoingDatagram(range: range, destination: destination))
      contents.append(content)
    }
  }

  func contents(to destination: Endpoint) -> [[UInt8]] {
    zip(datagrams, contents).filter { $0.0.destination == destination }.map(\.1)
  }
}

@Suite("A UDP socket")
struct UDPSocketTests {
  @Test(
    "a batch arrives as the same datagrams as when each is sent by itself",
    arguments: [UDPSocket.Family.v4, .v6], [true, false])
  func batches(family: UDPSocket.Family, gso: Bool) throws {
    for seed in 1...5 as ClosedRange<UInt64> {
      var sender = try UDPSocket(family: family, port: 0)
      var first = try UDPSocket(family: family, port: 0)
      var second = try UDPSocket(family: family, port: 0)
      var single = try UDPSocket(family: family, port: 0)
      #expect(sender.gso && first.gro)
      sender.gso = gso
      let ends = [loopback(family, port: first.port), loopback(family, port: second.port)]
      let batch = try Batch(seed: seed, to: ends)
      let result = sender.send(batch.datagrams, from: batch.slab)
      #expect(result.sent == batch.datagrams.count && result.dropped == 0)
      var joined = 0
      let destination = loopback(family, port: single.port)
      for (end, content) in ends.map({ ($0, batch.contents(to: $0)) }) {
        let received =
          end == ends[0]
          ? try receive(content.count, at: &first, joined: &joined)
          : try receive(content.count, at: &second, joined: &joined)
        for bytes in content { #expect(sender.send(bytes, to: destination) == .sent) }
        var ignored = 0
        let oracle = try receive(content.count, at: &single, joined: &ignored)
        #expect(oracle == content)
        #expect(received == oracle)
      }
      #expect(sender.gso == gso)
      #expect(joined > 0 || !gso, "runs cross as one")
    }
  }

  @Test("when a device does not cut, merging goes off once and nothing is lost")
  func downgrade() throws {
    var sender = try UDPSocket(family: .v4, port: 0)
    var receiver = try UDPSocket(family: .v4, port: 0)
    // Linux answers UDP_SEGMENT with EIO on a socket that sends no checksums.
    try sender.descriptor.setOption(SOL_SOCKET, SO_NO_CHECK, 1)
    let batch = try Batch(seed: 1, to: [loopback(.v4, port: receiver.port)])
    let result = sender.send(batch.datagrams, from: batch.slab)
    #expect(result.sent == batch.datagrams.count && result.dropped == 0)
    #expect(sender.gso == false)
    var joined = 0
    let received = try receive(batch.contents.count, at: &receiver, joined: &joined)
    #expect(received == batch.contents)
  }

  @Test(
    "the source endpoint and the ECN bits come with what is received",
    arguments: 0...3 as ClosedRange<Int32>)
  func sourceAndECN(ecn: Int32) throws {
    for family in [UDPSocket.Family.v4, .v6] {
      let sender = try UDPSocket(family: family, port: 0)
      var receiver = try UDPSocket(family: family, port: 0)
      if family == .v4 {
        try sender.descriptor.setOption(Int32(IPPROTO_IP), IP_TOS, 0xb8 | ecn)
      } else {
        try sender.descriptor.setOption(Int32(IPPROTO_IPV6), IPV6_TCLASS, 0xb8 | ecn)
      }
      #expect(sender.send([1, 2], to: loopback(family, port: receiver.port)) == .sent)
      var slab = receiveSlab(slots: 2)
      var trains: [DatagramTrain] = []
      let came = try receiver.descriptor.waitReadable(until: SystemClock.now() + .seconds(5))
      #expect(came)
      _ = try receiver.receive(into: &slab, trains: &trains)
      let train = DatagramTrain(
        range: PacketRange(slot: 0, offset: PacketSlab.headroom, length: 2), segmentSize: 2,
        source: loopback(family, port: sender.port), ecn: UInt8(ecn))
      #expect(trains == [train])
    }
  }

  @Test("an empty datagram and one larger than a slot are counted, the next is received")
  func discarded() throws {
    let sender = try UDPSocket(family: .v6, port: 0)
    var receiver = try UDPSocket(family: .v6, port: 0)
    try receiver.descriptor.setOption(SOL_UDP, UDP_GRO, 0)
    receiver.gro = false
    let destination = loopback(.v6, port: receiver.port)
    for size in [0, 1_000, 10] {
      let bytes = [UInt8](repeating: 7, count: size)
      #expect(sender.send(bytes, to: destination) == .sent)
    }
    var slab = PacketSlab(slotCount: 8, slotSize: 200)
    var trains: [DatagramTrain] = []
    var lengths: [Int32] = []
    for _ in 0..<3 {
      _ = try receiver.receive(into: &slab, trains: &trains)
      lengths += trains.map(\.range.length)
    }
    #expect(lengths == [10])
    #expect(receiver.discarded == 2)
  }

  @Test("a port that nobody listens on disturbs neither later sends nor receiving")
  func refusal() throws {
    let closed = try { try UDPSocket(family: .v4, port: 0).port }()
    var socket = try UDPSocket(family: .v4, port: 0)
    var slab = receiveSlab(slots: 8)
    var trains: [DatagramTrain] = []
    // Without this, Linux does not even tell.
    try socket.descriptor.setOption(Int32(IPPROTO_IP), IP_RECVERR, 1)
    for _ in 0..<40 { _ = socket.send([1], to: loopback(.v4, port: closed)) }
    _ = try socket.receive(into: &slab, trains: &trains)
    #expect(trains.isEmpty)
    let outcome = socket.send([2], to: loopback(.v4, port: socket.port))
    #expect(outcome == .sent)
    _ = try socket.receive(into: &slab, trains: &trains)
    #expect(trains.map(\.range.length) == [1])
  }

  @Test("a port in use is told apart")
  func portTaken() throws {
    let socket = try UDPSocket(family: .v6, port: 0)
    let port = socket.port
    #expect(port != 0)
    #expect(throws: SocketError.portTaken) { _ = try UDPSocket(family: .v6, port: port) }
    let other = try UDPSocket(family: .v4, port: port)
    #expect(other.port == port, "the families do not share a port")
  }

  @Test("a duplicate sends from the same port")
  func duplicate() throws {
    var socket = try UDPSocket(family: .v6, port: 0)
    let copy = try socket.duplicate()
    #expect(copy.send([1], to: loopback(.v6, port: socket.port)) == .sent)
    var slab = receiveSlab(slots: 1)
    var trains: [DatagramTrain] = []
    _ = try socket.receive(into: &slab, trains: &trains)
    #expect(trains.map(\.source) == [loopback(.v6, port: copy.port)])
  }
}

@Suite("A UDP socket on a difficult network", .enabled(if: isRoot, "needs root"))
struct UDPSocketFailureTests {
  @Test("what exceeds the MTU is refused as too big, merged or not, and the rest goes")
  func tooBig() throws {
    try isolated(.network) {
      var netlink = try Netlink()
      try netlink.setMTU(1_500, of: try #require(InterfaceIndex(named: "lo")))
      for family in [UDPSocket.Family.v4, .v6] {
        var sender = try UDPSocket(family: family, port: 0)
        let receiver = try UDPSocket(family: family, port: 0)
        let destination = loopback(family, port: receiver.port)
        let fits = family == .v4 ? 1_472 : 1_452
        #expect(sender.send([UInt8](repeating: 1, count: fits), to: destination) == .sent)
        #expect(sender.send([UInt8](repeating: 1, count: fits + 1), to: destination) == .tooBig)
        let slab = PacketSlab(slotCount: 6, slotSize: 2_048)
        let sizes = [fits + 1, fits + 1, fits + 1, 100, 100, fits]
        let batch = sizes.enumerated().map { slot, size in
          OutgoingDatagram(
            range: PacketRange(slot: slot, offset: 0, length: size), destination: destination)
        }
        let result = sender.send(batch, from: slab)
        #expect(result.tooBig == 3 && result.sent == 3, "\(result)")
        let gso = sender.gso
        #expect(gso, "the fault is not the device's")
      }
    }
  }

  @Test(
    "datagrams bear the ECN codepoint that they are to, joined or alone",
    arguments: [UDPSocket.Family.v4, .v6], [true, false])
  func outgoingECN(family: UDPSocket.Family, gso: Bool) throws {
    var sender = try UDPSocket(family: family, port: 0)
    sender.gso = sender.gso && gso
    var receiver = try UDPSocket(family: family, port: 0)
    let destination = loopback(family, port: receiver.port)
    let slab = PacketSlab(slotCount: 1, slotSize: 20_000)
    let ecns: [UInt8] = [2, 2, 2, 0, 0, 3, 1, 2]
    let batch = ecns.enumerated().map { number, ecn in
      OutgoingDatagram(
        range: PacketRange(slot: 0, offset: 1_000 * number, length: 1_000),
        destination: destination, ecn: ecn)
    }
    #expect(sender.send(batch, from: slab).sent == ecns.count)
    var inbox = PacketSlab(slotCount: 16, slotSize: 66_000)
    var received: [UInt8] = []
    for _ in 0..<16 where received.count < ecns.count {
      var trains: [DatagramTrain] = []
      _ = try receiver.receive(into: &inbox, trains: &trains)
      for train in trains {
        let count = (train.range.length + train.segmentSize - 1) / train.segmentSize
        received += [UInt8](repeating: train.ecn, count: Int(count))
      }
    }
    #expect(received == ecns)
  }

  @Test("without a route the outcome is unreachable")
  func unreachable() throws {
    try isolated(.network) {
      let v4 = try UDPSocket(family: .v4, port: 0)
      #expect(v4.send([1], to: Endpoint(.v4(IPv4Address(0xcb00_7101)), port: 9)) == .unreachable)
      let v6 = try UDPSocket(family: .v6, port: 0)
      let far = IPv6Address(0x2001_0db8 << 96 | 1)
      #expect(v6.send([1], to: Endpoint(.v6(far), port: 9)) == .unreachable)
    }
  }

  @Test("a full socket buffer leaves the rest of the batch, from some datagram on")
  func blocked() throws {
    try isolated(.network) {
      // Datagrams to a neighbour that does not answer stay in the sender's buffer.
      try makeVeth()
      var sender = try UDPSocket(family: .v4, port: 0)
      try sender.descriptor.setOption(SOL_SOCKET, SO_SNDBUF, 16_384)
      let nobody = Endpoint(.v4(IPv4Address(0x0a09_0002)), port: 9)
      let slab = PacketSlab(slotCount: 300, slotSize: 1_400)
      let batch = (0..<300).map { slot in
        OutgoingDatagram(
          range: PacketRange(slot: slot, offset: 0, length: 1_000 + slot % 7), destination: nobody)
      }
      let result = sender.send(batch, from: slab)
      #expect(result.sent > 0 && result.blocked > 0)
      #expect(result.sent + result.blocked == 300)
    }
  }

  private func makeVeth() throws {
    var kind = NetlinkAttributeList()
    kind.append(IFLA_INFO_KIND, [UInt8]("veth".utf8))
    var request = NetlinkRequest(
      type: RTM_NEWLINK, flags: NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL,
      fixed: [UInt8](repeating: 0, count: 16))
    request.attribute(IFLA_IFNAME, [UInt8]("near".utf8) + [0])
    request.attribute(IFLA_LINKINFO, kind.bytes)
    var netlink = try Netlink()
    try netlink.perform(request)
    let near = try #require(InterfaceIndex(named: "near"))
    let address = IPAddress.v4(IPv4Address(0x0a09_0001))
    try netlink.addAddress(address, prefixLength: 24, to: near)
    for link in try netlink.links() { try netlink.setUp(link.interface) }
  }
}
