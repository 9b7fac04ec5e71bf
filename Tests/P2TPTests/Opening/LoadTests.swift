import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: load levels of a responder.
@Suite("The load gate")
struct LoadGateTests {
  @Test("asks for cookies from 201 calls in a second, for tokens from 5001, until 10 s of calm")
  func levels() {
    var gate = LoadGate()
    let now = Moment.after(0).boot
    let levels = (1...5_001).map { _ in gate.arrival(pending: 0, at: now) }
    #expect(levels[199] == .none && levels[200] == .cookie)
    #expect(levels[4_999] == .cookie && levels[5_000] == .token)
    #expect(gate.level(at: now + .milliseconds(9_999)) == .token)
    #expect(gate.level(at: now + .seconds(10)) == .none)
    #expect(gate.arrival(pending: 0, at: now + .seconds(10)) == .none)
  }

  @Test("asks for cookies while more than 256 calls are pending")
  func pending() {
    var gate = LoadGate()
    #expect(gate.arrival(pending: 256, at: Moment.after(0).boot) == .none)
    #expect(gate.arrival(pending: 257, at: Moment.after(0).boot) == .cookie)
  }

  @Test("asks for tokens after 51 forgeries behind good cookies in a second")
  func forgeries() {
    var gate = LoadGate()
    for _ in 0..<50 { gate.forgery(at: Moment.after(0).boot) }
    #expect(gate.level(at: Moment.after(0).boot) == .none)
    gate.forgery(at: Moment.after(0).boot)
    #expect(gate.level(at: Moment.after(0).boot) == .token)
  }
}

@Suite("The limit of each source network")
struct SourceLimitTests {
  @Test("admits 40 calls of one network at once and 20 a second then")
  func limits() {
    var sources = LoadGate.sources(salt: 1)
    let now = Moment.after(0).boot
    var burst = 0
    for number in 0..<100 where sources.take(Endpoint.test(UInt32(number)).address, at: now) {
      burst += 1
    }
    #expect(burst == 40)
    var second = 0
    for step in 1...1000
    where sources.take(Endpoint.test(1).address, at: now + .milliseconds(Int64(step))) {
      second += 1
    }
    #expect((19...21).contains(second))
    let other = sources.take(.v4(IPv4Address(0xcb00_7101)), at: now)
    #expect(other)
  }
}

@Suite("MAC1")
struct MAC1Tests {
  private func options(_ datagram: [UInt8]) -> HandshakeOptions? {
    HandshakeOptions(datagram.rawSpan, from: P2TPHeader.byteCount)
  }

  private func verifies(
    _ datagram: [UInt8], _ options: HandshakeOptions, for recipient: Party
  ) -> Bool {
    MAC1(recipient: recipient.identity.permID).verifies(datagram.rawSpan, options: options)
  }

  @Test("verifies for its recipient only, and over every byte")
  func verifies() throws {
    let (one, two) = Party.pair(77)
    let call = try #require(two.call(one, at: .after(0)).first)
    let options = try #require(self.options(call))
    #expect(verifies(call, options, for: one))
    #expect(!verifies(call, options, for: two))
    for place in call.indices {
      var changed = call
      changed[place] ^= 1
      guard let options = self.options(changed) else {
        continue
      }
      #expect(!verifies(changed, options, for: one))
    }
  }
}
