import IPv8Wire
import Testing

@testable import IPv8Platform

/// How many trains one receive takes: as many as stay in a core's own cache.
@Suite("A receive from a UDP socket")
struct ReceiveBatchTests {
  /// A socket and what its receives brought.
  private struct End: ~Copyable {
    var socket: UDPSocket
    private var slab = receiveSlab(slots: 64)
    private var trains: [DatagramTrain] = []
    private(set) var bytes: [UInt8] = []

    init() throws { socket = try UDPSocket(family: .v4, port: 0) }

    /// The trains of one receive, and whether more may wait.
    mutating func receive() throws -> (trains: Int, mayBeMore: Bool) {
      let mayBeMore = try socket.receive(into: &slab, trains: &trains)
      for train in trains { bytes += content(of: train.range, in: &slab) }
      return (trains.count, mayBeMore)
    }
  }

  @Test("takes many short datagrams in one call, after a while")
  func short() throws {
    let sender = try UDPSocket(family: .v4, port: 0)
    var end = try End()
    let destination = loopback(.v4, port: end.socket.port)
    // As many as fit into a small buffer.
    let sent = (0..<150).map { [UInt8](repeating: UInt8($0), count: 1 + $0 % 7) }
    for datagram in sent { #expect(sender.send(datagram, to: destination) == .sent) }
    var counts: [Int] = []
    while true {
      let (trains, mayBeMore) = try end.receive()
      counts.append(trains)
      if !mayBeMore { break }
    }
    #expect(counts == [4, 8, 16, 32, 64, 26])
    let bytes = end.bytes
    #expect(bytes == sent.flatMap { $0 })
  }

  @Test("takes few long trains in one call, after a while, and many short ones again later")
  func long() throws {
    var sender = try UDPSocket(family: .v4, port: 0)
    var end = try End()
    let (gso, gro) = (sender.gso, end.socket.gro)
    try #require(gso && gro)
    let destination = loopback(.v4, port: end.socket.port)
    func short(_ count: Int) { for _ in 0..<count { _ = sender.send([7], to: destination) } }
    short(130)
    while try end.receive().mayBeMore {}

    // A train of 40 datagrams of 1,400 bytes: two exceed what one call should take by less than
    // a half, three by more.
    let slab = PacketSlab(slotCount: 1, slotSize: 60_000)
    let train = (0..<40).map {
      OutgoingDatagram(
        range: PacketRange(slot: 0, offset: 1_400 * $0, length: 1_400), destination: destination)
    }
    var counts: [Int] = []
    for _ in 0..<8 {
      for _ in 0..<3 { #expect(sender.send(train, from: slab).sent == 40) }
      counts.append(try end.receive().trains)
      while try end.receive().trains > 0 {}
    }
    #expect(counts.first == 3 && counts.suffix(3) == [2, 2, 2], "\(counts)")

    short(100)
    var most = 0
    while true {
      let (trains, mayBeMore) = try end.receive()
      most = max(most, trains)
      if !mayBeMore { break }
    }
    #expect(most >= 32)
  }

  @Test("says that nothing more waits when nothing came")
  func empty() throws {
    var end = try End()
    let (trains, mayBeMore) = try end.receive()
    #expect(trains == 0 && !mayBeMore)
  }
}
