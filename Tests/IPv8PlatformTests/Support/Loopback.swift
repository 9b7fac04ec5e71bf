import IPv8Wire
import Testing

@testable import IPv8Platform

/// `port` of this host.
func loopback(_ family: UDPSocket.Family, port: UInt16) -> Endpoint {
  switch family {
  case .v4: Endpoint(.v4(IPv4Address(0x7f00_0001)), port: port)
  case .v6: Endpoint(.v6(IPv6Address(1)), port: port)
  }
}

func receiveSlab(slots: Int) -> PacketSlab {
  let room = PacketSlab.headroom + UDPSocket.trainLimit + PacketSlab.tailroom
  return PacketSlab(slotCount: slots, slotSize: room)
}

/// Receives until `count` datagrams came; the trains are cut again.
func receive(
  _ count: Int, at socket: inout UDPSocket, joined: inout Int
) throws -> [[UInt8]] {
  var slab = receiveSlab(slots: 64)
  var trains: [DatagramTrain] = []
  var datagrams: [[UInt8]] = []
  var loop = try EventLoop()
  try loop.add(socket.descriptor, token: EventLoop.Token(0))
  let deadline = SystemClock.now() + .seconds(5)
  var ready: [EventLoop.Token] = []
  while datagrams.count < count {
    try loop.wait(until: deadline, into: &ready)
    if ready.isEmpty { break }
    _ = try socket.receive(into: &slab, trains: &trains)
    for train in trains {
      #expect(train.range.offset == PacketSlab.headroom)
      let bytes = content(of: train.range, in: &slab)
      let size = Int(train.segmentSize)
      if bytes.count > size { joined += 1 }
      for start in stride(from: 0, to: bytes.count, by: size) {
        datagrams.append([UInt8](bytes[start..<min(start + size, bytes.count)]))
      }
    }
  }
  return datagrams
}
