import IPv8Wire
import Testing

@testable import IPv8Traversal

/// docs/protocol/traversal.md, "NAT64"
@Suite("The search for a NAT64")
struct NAT64SearchTests {
  private let start = Timestamp(nanoseconds: 1_000_000_000_000)
  private let answers = [IPv4Address(0xc000_00aa), IPv4Address(0xc000_00ab)].map {
    NAT64Prefix.wellKnown.embed($0)
  }

  @Test("asks in networks without IPv4 alone, once at a time")
  func need() {
    for (v4, v6) in [(true, true), (true, false), (false, false)] {
      var search = NAT64Search(.automatic)
      search.setNetwork(hasIPv4: v4, hasIPv6: v6, at: start)
      let isAsking = search.takeQuestion(at: start)
      #expect(!isAsking && search.nextDeadline == .distantFuture)
      search.answered(answers, at: start)
      #expect(search.prefix == nil)
    }
    var search = NAT64Search(.automatic)
    search.setNetwork(hasIPv4: false, hasIPv6: true, at: start)
    let asked = (0..<2).map { _ in search.takeQuestion(at: start) }
    #expect(asked == [true, false])
    search.answered(answers, at: start)
    #expect(search.prefix == .wellKnown)
    search.setNetwork(hasIPv4: true, hasIPv6: true, at: start)
    let isAsking = search.takeQuestion(at: start)
    #expect(search.prefix == nil && !isAsking)
  }

  @Test("asks again every hour, and ever more rarely where nothing answers, which changes nothing")
  func repetition() {
    var search = NAT64Search(.automatic)
    var now = start
    search.setNetwork(hasIPv4: false, hasIPv6: true, at: now)
    var waits: [Int64] = []
    var asked = 0
    for _ in 0..<12 {
      asked += search.takeQuestion(at: now) ? 1 : 0
      search.answered(nil, at: now)
      waits.append((search.nextDeadline - now).milliseconds / 1_000)
      now = search.nextDeadline
    }
    #expect(waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
    asked += search.takeQuestion(at: now) ? 1 : 0
    search.answered(answers, at: now)
    #expect(search.prefix == .wellKnown && search.nextDeadline == now + .seconds(3_600))
    now = search.nextDeadline
    asked += search.takeQuestion(at: now) ? 1 : 0
    search.answered(nil, at: now)
    #expect(search.prefix == .wellKnown && search.nextDeadline == now + .seconds(1))
    search.answered([], at: now)
    #expect(search.prefix == nil && asked == 14)
  }

  @Test("keeps what it knows until the next network's resolver has answered")
  func change() {
    var search = NAT64Search(.automatic)
    search.setNetwork(hasIPv4: false, hasIPv6: true, at: start)
    search.answered(answers, at: start)
    search.setNetwork(hasIPv4: false, hasIPv6: true, at: start + .seconds(5))
    let isAsking = search.takeQuestion(at: start + .seconds(5))
    #expect(search.prefix == .wellKnown && isAsking)
  }

  @Test("asks nobody where the user says which one, or that there is none")
  func settings() {
    for (setting, prefix) in [
      (NAT64Search.Setting.off, nil), (.fixed(.wellKnown), NAT64Prefix.wellKnown),
    ] {
      var search = NAT64Search(setting)
      search.setNetwork(hasIPv4: false, hasIPv6: true, at: start)
      #expect(search.prefix == prefix && search.nextDeadline == .distantFuture)
      search.answered([], at: start)
      #expect(search.prefix == prefix)
      search.setNetwork(hasIPv4: true, hasIPv6: true, at: start)
      #expect(search.prefix == nil)
    }
  }

  @Test("what it finds makes another network, in which IPv4 goes by an address of the host's own")
  func network() throws {
    let own = Endpoint(.v6(try #require(IPv6Address(text: "2001:db8::2"))), port: 5)
    let plain = LocalNetwork(endpoints: [own], endpoint6: own)
    var translated = plain
    translated.translate(by: .wellKnown, port: 5)
    #expect(translated.endpoint4 == Endpoint(.v4(IPv4Address(0xc000_0001)), port: 5))
    #expect(translated.endpoint4?.address.reach == AddressReach.none)
    #expect(translated.endpoints == [own] && translated.isSame(as: plain, .v6))
    var other = plain
    let prefix = try #require(NAT64Prefix(text: "2001:db8:64::/96"))
    other.translate(by: prefix, port: 5)
    #expect(!translated.isSame(as: plain, .v4) && !translated.isSame(as: other, .v4))
  }
}
