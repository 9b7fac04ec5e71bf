import IPv8Traversal
import IPv8Wire
import TestVectors
import Testing

/// docs/protocol/traversal.md, "Server".
@Suite("The STUN server")
struct STUNServerTests {
  static let client = Endpoint(.v4(IPv4Address(0x0505_0505)), port: 4000)
  static let client6 = Endpoint(.v6(IPv6Address(0x2001_0db8 << 96 | 5)), port: 4000)
  private static let now = Timestamp(nanoseconds: 5_000_000_000)

  /// Two addresses with two ports each; the last bit of the socket's number says which port.
  static let sites: [(socket: LocalSocket, endpoint: Endpoint)] = (0..<4).map { number in
    (
      LocalSocket(number),
      Endpoint(.v4(IPv4Address(0x0606_0600 + UInt32(number / 2))), port: 3478 + UInt16(number % 2))
    )
  }

  static func request(
    _ id: UInt8 = 1, padded: Int? = nil, _ change: (inout STUNMessage) -> Void = { _ in }
  ) -> [UInt8] {
    var message = STUNMessage(
      .request, transaction: STUNTransaction(id: [UInt8](repeating: id, count: 12)))
    change(&message)
    let short = message.bytes(fingerprint: false)
    guard let padded, padded > short.count + 4 else { return short }
    message.software = [UInt8](repeating: 0x20, count: padded - short.count - 4)
    return message.bytes(fingerprint: false)
  }

  private struct Sent: Equatable {
    let message: STUNMessage
    let byteCount: Int
    let to: Endpoint
    let on: Int
  }

  private static func answers(
    _ server: inout STUNServer, to bytes: [UInt8], from source: Endpoint = client,
    on socket: Int = 0,
    isPeer: Bool = false, at now: Timestamp = now
  ) -> [Sent] {
    var actions: [TraversalAction] = []
    _ = server.receive(
      bytes.rawSpan, from: source, on: LocalSocket(socket), isPeer: isPeer, at: now,
      into: &actions)
    return sent(actions)
  }

  private static func sent(_ actions: [TraversalAction]) -> [Sent] {
    actions.compactMap { action in
      guard case .send(let bytes, let to, let socket) = action,
        let message = STUNMessage(bytes, classic: true)
      else { return nil }
      return Sent(message: message, byteCount: bytes.count, to: to, on: socket.number)
    }
  }

  private static func server(isPublic: Bool = false, sites: Int = 4) -> STUNServer {
    var server = STUNServer(isPublic: isPublic, salt: 7)
    server.setSites(Array(Self.sites.prefix(sites)))
    return server
  }

  @Test("says where the request came from, in both families", arguments: [client, client6])
  func answers(source: Endpoint) throws {
    var server = Self.server(sites: 1)
    let request = Self.request(padded: 100)
    let sent = Self.answers(&server, to: request, from: source)
    let answer = try #require(sent.first)
    #expect(sent.count == 1 && answer.to == source && answer.on == 0)
    #expect(answer.message.messageClass == .success && answer.message.reflexive == source)
    #expect(answer.message.transaction == STUNMessage(request)?.transaction)
    #expect(answer.message.isFingerprinted)
    #expect(server.counters.answered == 1)
  }

  @Test("sends no stranger more bytes than came in his name, whatever the request")
  func neverAmplifies() {
    var random = TestRandom("STUN amplification")
    var answered = 0
    for round in 0..<4_000 {
      var server = Self.server()
      let request = Self.request(UInt8(round % 250), padded: Int(random.next() % 160)) {
        if random.oneIn(2) {
          $0.changeRequest = STUNChange(rawValue: UInt32(random.next() % 4) * 2)
        }
        if random.oneIn(4) { $0.responsePort = random.integer() }
        if random.oneIn(4) { $0.responseDelay = random.integer() }
        if random.oneIn(3) { $0.padding = Int(random.next() % 200) }
      }
      let source = random.oneIn(2) ? Self.client : Self.client6
      let sent = Self.answers(&server, to: request, from: source, on: round % 4)
      #expect(sent.count <= 1)
      for answer in sent {
        #expect(answer.byteCount <= request.count && answer.to == source)
        answered += 1
      }
    }
    #expect(answered > 1_000)
  }

  @Test(
    "answers 44 bytes of request, and none of the shortest", arguments: [(20, 0), (36, 0), (44, 1)])
  func shortest(byteCount: Int, count: Int) {
    var server = Self.server()
    #expect(Self.answers(&server, to: Self.request(padded: byteCount)).count == count)
    var open = Self.server(isPublic: true)
    #expect(Self.answers(&open, to: Self.request(padded: byteCount)).count == 1)
  }

  @Test("answers from the address and port that CHANGE-REQUEST asks for, and names them")
  func changes() throws {
    var server = Self.server(isPublic: true)
    for socket in 0..<4 {
      for (change, flipped) in [
        ([], 0), ([.port], 1), ([.address], 2), ([.address, .port], 3),
      ] as [(STUNChange, Int)] {
        let source = Endpoint(.v4(IPv4Address(UInt32(socket * 4 + flipped + 1) << 24)), port: 9)
        let sent = Self.answers(
          &server, to: Self.request { $0.changeRequest = change }, from: source, on: socket)
        let answer = try #require(sent.first)
        #expect(answer.on == socket ^ flipped)
        #expect(answer.message.responseOrigin == Self.sites[socket ^ flipped].endpoint)
        #expect(answer.message.otherAddress == Self.sites[socket ^ 3].endpoint)
      }
    }
  }

  @Test("with one address refuses to change it, and says so", arguments: [1, 2])
  func cannotChange(sites: Int) {
    var server = Self.server(isPublic: true, sites: sites)
    let sent = Self.answers(&server, to: Self.request { $0.changeRequest = [.address] })
    #expect(sent.first?.message.error == .unknownAttribute)
    #expect(sent.first?.message.unknownAttributes == [0x0003])
    let plain = Self.answers(&server, to: Self.request())
    #expect(plain.first?.message.otherAddress == nil)
    let port = Self.answers(&server, to: Self.request { $0.changeRequest = [.port] })
    #expect((port.first?.message.messageClass == .success) == (sites == 2))
  }

  @Test("names attributes that it does not know")
  func unknownAttribute() {
    var server = Self.server(isPublic: true)
    var request = Self.request()
    request += [0x00, 0x24, 0x00, 0x04, 0, 0, 0, 1]
    request[3] = 8
    let sent = Self.answers(&server, to: request)
    #expect(sent.first?.message.error?.code == 420)
    #expect(sent.first?.message.unknownAttributes == [0x0024])
  }

  @Test("sends to another port and later for session peers only")
  func peersOnly() {
    var server = Self.server(isPublic: true)
    let request = Self.request { $0.responsePort = 77 }
    #expect(Self.answers(&server, to: request).first?.message.unknownAttributes == [0x0027])
    #expect(Self.answers(&server, to: request, isPeer: true).first?.to.port == 77)

    let later = Self.request(padded: 60) { $0.responseDelay = 25 }
    #expect(Self.answers(&server, to: later).count == 1)
    #expect(Self.answers(&server, to: later, isPeer: true).isEmpty)
    #expect(server.nextDeadline == Self.now + .seconds(25))
    var actions: [TraversalAction] = []
    server.advance(to: Self.now + .milliseconds(24_999), into: &actions)
    #expect(actions.isEmpty)
    server.advance(to: Self.now + .seconds(25), into: &actions)
    #expect(Self.sent(actions).first?.message.reflexive == Self.client)
    #expect(server.nextDeadline == .distantFuture)
  }

  @Test("keeps a bounded number of answers for later, in the order of their times")
  func delayedLimit() {
    var random = TestRandom("Delayed answers")
    var server = Self.server()
    for port in 0..<30 {
      for address in 0..<100 {
        let source = Endpoint(.v4(IPv4Address(UInt32(address + 1) << 16)), port: UInt16(port + 1))
        let request = Self.request(padded: 60) { $0.responseDelay = random.integer() }
        _ = Self.answers(
          &server, to: request, from: source, isPeer: true,
          at: Self.now + .seconds(Int64(port)))
      }
    }
    var last = Self.now
    var count = 0
    while server.nextDeadline < .distantFuture {
      let next = server.nextDeadline
      #expect(next >= last && next <= Self.now + .seconds(30 + 600))
      last = next
      var actions: [TraversalAction] = []
      server.advance(to: next, into: &actions)
      #expect(!actions.isEmpty)
      count += actions.count
    }
    #expect((200...256).contains(count))
  }

  @Test("answers 10 requests a second of one source, 20 at once, and others beside it")
  func rate() {
    var server = Self.server(isPublic: true)
    func burst(_ source: Endpoint, at now: Timestamp) -> Int {
      (0..<50).reduce(0) { sum, _ in
        sum + Self.answers(&server, to: Self.request(), from: source, at: now).count
      }
    }
    #expect(burst(Self.client, at: Self.now) == 20)
    #expect(burst(Self.client6, at: Self.now) == 20)
    #expect(burst(Self.client, at: Self.now + .seconds(1)) == 10)
    #expect(server.counters.limited == 30 + 30 + 40)
  }

  @Test("answers all sources together no more often than 1,000 times a second")
  func totalRate() {
    var server = Self.server(isPublic: true)
    var count = 0
    for step in 0..<20_000 {
      let source = Endpoint(.v4(IPv4Address(UInt32(step) &* 2_654_435_761)), port: 1)
      count +=
        Self.answers(
          &server, to: Self.request(), from: source,
          at: Self.now + .microseconds(Int64(step) * 100)
        ).count
    }
    #expect((1_800...2_200).contains(count))
  }

  @Test("serves RFC 3489 clients where it is public")
  func classic() throws {
    var request = Self.request { $0.changeRequest = [.port] }
    for offset in 4..<8 { request[offset] = 0x11 }
    var closed = Self.server()
    #expect(Self.answers(&closed, to: request).isEmpty)
    var server = Self.server(isPublic: true)
    let answer = try #require(Self.answers(&server, to: request).first)
    #expect(answer.on == 1 && answer.message.mapped == Self.client)
    #expect(answer.message.xorMapped == nil && !answer.message.isFingerprinted)
    #expect(answer.message.sourceAddress == Self.sites[1].endpoint)
    #expect(answer.message.changedAddress == Self.sites[3].endpoint)
  }

  @Test("leaves responses to the client, and answers no indication")
  func others() {
    var server = Self.server(isPublic: true)
    var actions: [TraversalAction] = []
    for messageClass in [.request, .indication, .success, .error] as [STUNMessage.Class] {
      let bytes = STUNMessage(
        messageClass, transaction: STUNTransaction(id: [UInt8](repeating: 3, count: 12))
      ).bytes(fingerprint: false)
      let taken = server.receive(
        bytes.rawSpan, from: Self.client, on: .main, isPeer: false, at: Self.now, into: &actions)
      #expect(taken == (messageClass == .request || messageClass == .indication))
    }
    #expect(actions.count == 1)
  }

  @Test("echoes padding no further than the request's own length")
  func padding() {
    var server = Self.server(isPublic: true)
    for wanted in [0, 3, 40, 500, 1400] {
      let request = Self.request { $0.padding = wanted }
      let answer = Self.answers(&server, to: request).first
      #expect(answer.map { $0.byteCount <= max(request.count, 72) } == true)
      #expect((answer?.message.padding ?? 0) <= wanted)
    }
    let both = Self.request {
      $0.padding = 100
      $0.responsePort = 5
    }
    #expect(Self.answers(&server, to: both, isPeer: true).first?.message.error == .badRequest)
  }
}
