import Glibc
import IPv8Platform
import IPv8Streams
import IPv8Wire
import Testing

/// docs/protocol/streams.md
@Suite("Streams over TLS", .serialized)
struct StreamServiceTests {
  private static let peer = PeerIndex(3)

  /// The stream's number at the dialling end.
  private func open(_ pair: ServicePair) throws -> UInt32 {
    pair.client.dial(Self.peer, at: [try pair.address()], path: ServicePair.path)
    #expect(eventually { !pair.clientTold.events.isEmpty })
    guard case .opened(Self.peer, let number)? = pair.clientTold.events.first else {
      throw SystemError(.read, errno: ECONNREFUSED)
    }
    return number
  }

  @Test("carry datagrams in both directions, whole and in order")
  func datagrams() throws {
    let pair = try ServicePair()
    let number = try open(pair)
    let sent = (0..<200).map { [UInt8](repeating: UInt8($0), count: 1 + $0 * 9) }
    for datagram in sent { #expect(pair.client.port.send(datagram, on: number)) }
    #expect(eventually { pair.serverTold.datagrams.count == sent.count })
    let arrived = pair.serverTold.datagrams
    let isWhole = arrived.map(\.bytes) == sent
    #expect(isWhole)
    let back = try #require(arrived.first?.number)
    #expect(arrived.allSatisfy { $0.number == back })
    for datagram in sent { #expect(pair.server.port.send(datagram, on: back)) }
    #expect(eventually { pair.clientTold.datagrams.count == sent.count })
    let isWholeBack = pair.clientTold.datagrams.map(\.bytes) == sent
    #expect(isWholeBack)
    #expect(pair.client.port.counts.sent == 200 && pair.client.port.counts.received == 200)
    #expect(pair.server.port.counts.open == 1)
  }

  @Test("end at both ends when one hangs up, and are told once")
  func hangUp() throws {
    let pair = try ServicePair()
    let number = try open(pair)
    pair.client.port.send([1], on: number)
    #expect(eventually { pair.serverTold.datagrams.count == 1 })
    pair.client.hangUp(number)
    #expect(eventually { pair.clientTold.events.count == 2 && pair.serverTold.events.count == 1 })
    #expect(pair.clientTold.events.last == .closed(number: number))
    let accepted = try #require(pair.serverTold.datagrams.first?.number)
    #expect(pair.serverTold.events == [.closed(number: accepted)])
    #expect(pair.server.port.counts.open == 0 && pair.client.port.counts.open == 0)
    pair.client.port.send([2], on: number)
    #expect(eventually { pair.client.port.counts.dropped == 1 })
  }

  @Test("do not open for who does not know the path, nor where nobody listens")
  func failures() throws {
    let pair = try ServicePair()
    pair.client.dial(Self.peer, at: [try pair.address()], path: "/guess")
    #expect(eventually { pair.clientTold.events == [.failed(Self.peer)] })
    let nowhere = try #require(StreamAddress(text: "https://127.0.0.1:1"))
    pair.client.dial(Self.peer, at: [nowhere], path: ServicePair.path)
    #expect(eventually { pair.clientTold.events.count == 2 })
    pair.client.dial(Self.peer, at: [], path: ServicePair.path)
    #expect(eventually { pair.clientTold.events.count == 3 })
    #expect(pair.clientTold.events.allSatisfy { $0 == .failed(Self.peer) })
    #expect(pair.server.port.counts.open == 0)
  }

  @Test("are dialled at one address after the other")
  func addresses() throws {
    let pair = try ServicePair()
    let nowhere = try #require(StreamAddress(text: "https://127.0.0.1:1"))
    pair.client.dial(
      Self.peer, at: [nowhere, try pair.address("[::1]"), try pair.address()],
      path: ServicePair.path)
    #expect(eventually { !pair.clientTold.events.isEmpty })
    guard case .opened(Self.peer, _)? = pair.clientTold.events.first else {
      Issue.record("\(pair.clientTold.events)")
      return
    }
  }

  @Test("are no more than a limit from one source")
  func limit() throws {
    let pair = try ServicePair()
    for count in 1...33 {
      pair.client.dial(
        PeerIndex(count), at: [try pair.address("127.0.0.1")], path: ServicePair.path)
    }
    #expect(eventually { pair.clientTold.events.count == 33 })
    let failed = pair.clientTold.events.filter { if case .failed = $0 { true } else { false } }
    #expect(failed.count == 1 && pair.server.port.counts.refused == 1)
    #expect(pair.server.port.counts.open == 32)
  }

  @Test("drop what nobody takes, without waiting")
  func unread() throws {
    let pair = try ServicePair()
    let datagram = [UInt8](repeating: 0, count: 1_400)
    // No stream has this number, and no thread runs yet.
    #expect(!pair.client.port.send(datagram, on: 77))
    let number = try open(pair)
    for _ in 0..<100 { pair.client.port.send([UInt8](repeating: 0, count: 3_000), on: number) }
    #expect(eventually { pair.client.port.counts.dropped == 101 })
    #expect(pair.serverTold.datagrams.isEmpty)
  }
}
