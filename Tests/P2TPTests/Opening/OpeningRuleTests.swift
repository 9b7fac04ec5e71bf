import IPv8Crypto
import IPv8Wire
import Testing

@testable import P2TP

/// docs/protocol: the table of the open handshake and its rules R1 to R10.
@Suite("The open handshake")
struct OpeningRuleTests {
  private func header(_ datagram: [UInt8]) -> P2TPHeader {
    P2TPHeader(
      word1: datagram.rawSpan.bigEndian(UInt32.self, at: 0),
      word2: datagram.rawSpan.bigEndian(UInt32.self, at: 4))
  }

  /// The lesser calls and both ends have the session at 50 ms.
  private func opened(_ seed: UInt64) throws -> (Party, Party) {
    let (greater, lesser) = Party.pair(seed)
    let call = try #require(lesser.call(greater, at: .after(0)).first)
    let answer = try #require(greater.receive(call, from: lesser.endpoint, at: .after(25))?.first)
    #expect(lesser.receive(answer, from: greater.endpoint, at: .after(50)) != nil)
    let record = try #require(lesser.opened.first).session.firstRecord(at: .after(50))
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(75)) != nil)
    return (greater, lesser)
  }

  @Test("INIT, ANSWER and the first record open one session with the same keys")
  func opens() throws {
    let (greater, lesser) = try opened(1)
    let (one, two) = (try #require(greater.opened.first), try #require(lesser.opened.first))
    #expect(one.session.role == .responder && two.session.role == .initiator)
    #expect(one.session.localID == two.session.remoteID)
    #expect(SecretBytes.equal(one.session.sendKey, two.session.receiveKey))
    #expect(SecretBytes.equal(one.session.receiveKey, two.session.sendKey))
    #expect(two.session.roundTrip == .milliseconds(50))
  }

  @Test("R1: no call while a pending answer of that peer is under 1 s old")
  func rule1() throws {
    let (greater, lesser) = Party.pair(2)
    let call = try #require(lesser.call(greater, at: .after(0)).first)
    #expect(greater.receive(call, from: lesser.endpoint, at: .after(25)) != nil)
    #expect(greater.call(lesser, at: .after(1000)).isEmpty)
    #expect(greater.association.nextDeadline == Moment.after(1025).boot)
    #expect(greater.advance(to: .after(1024), candidates: [lesser.endpoint]).isEmpty)
    #expect(greater.advance(to: .after(1025), candidates: [lesser.endpoint]).count == 1)
  }

  @Test("R2: on a collision the greater PermID knocks back, the lesser becomes responder")
  func rule2() throws {
    let (greater, lesser) = Party.pair(3)
    let one = try #require(greater.call(lesser, at: .after(0)).first)
    let two = try #require(lesser.call(greater, at: .after(0)).first)
    let insisting = try #require(greater.receive(two, from: lesser.endpoint, at: .after(25)))
    #expect(insisting.count == 1 && header(insisting[0]).yts && !header(insisting[0]).sop)
    #expect(header(insisting[0]).second == header(two).first)
    #expect(greater.association.knock != nil && greater.association.answered == nil)
    let again = try #require(greater.receive(two, from: lesser.endpoint, at: .after(30)))
    #expect(again.isEmpty, "at most one in 20 ms")
    let answer = try #require(lesser.receive(one, from: greater.endpoint, at: .after(25)))
    #expect(lesser.association.knock == nil && lesser.association.answered != nil)
    #expect(greater.receive(answer[0], from: lesser.endpoint, at: .after(50)) != nil)
    #expect(greater.opened.first?.session.role == .initiator)
  }

  @Test("R3: who returned a good timestamp in the handshake need not do so again")
  func rule3() throws {
    let (greater, lesser) = Party.pair(4)
    let first = try #require(lesser.call(greater, at: .after(0)).first)
    // A loaded responder: eight bytes that bring the caller's timestamp back.
    let cookie = greater.host.cookies.issue(to: lesser.endpoint, at: Moment.after(25).boot)
    let bare = OpeningDatagram.bareAnswer(
      forward: cookie, returned: header(first).first, token: nil)
    let again = try #require(lesser.receive(bare, from: greater.endpoint, at: .after(50)))
    #expect(again.count == 1 && header(again[0]).second == cookie)
    let answer = try #require(greater.receive(again[0], from: lesser.endpoint, at: .after(75)))
    #expect(header(answer[0]).sop, "FIRST, with session id 0")
    #expect(greater.association.answered?.routable.isEmpty == false)
    #expect(lesser.receive(answer[0], from: greater.endpoint, at: .after(100)) != nil)
    let session = try #require(lesser.opened.first).session
    // Six seconds later the cookie in the record is too old, yet the record opens.
    let record = session.firstRecord(at: .after(6100))
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(6125)) != nil)
  }

  @Test("R3: without a good timestamp, in the handshake or the record, nothing opens")
  func rule3Refuses() throws {
    let (greater, lesser) = Party.pair(5)
    let call = try #require(lesser.call(greater, at: .after(0)).first)
    let answer = try #require(greater.receive(call, from: lesser.endpoint, at: .after(25)))
    #expect(lesser.receive(answer[0], from: greater.endpoint, at: .after(50)) != nil)
    let record = try #require(lesser.opened.first).session.firstRecord(at: .after(50))
    #expect(greater.receive(record, from: .test(9), at: .after(75)) == nil, "another address")
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(5100)) == nil, "too late")
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(4000)) != nil)
  }

  @Test("R4: the initiator returns the peer's cookie and repeats until it hears a record")
  func rule4() throws {
    let (_, lesser) = try opened(6)
    let established = try #require(lesser.opened.first).session
    var session = OutboundSession(established, of: PeerIndex(0))
    var due: [Int64] = []
    for step in 1...100 {
      let now = Moment.after(50 + Int64(step) * 50).boot
      guard session.nextDeadline <= now else { continue }
      if session.advance(to: now).contains(.record) {
        due.append(Int64(step) * 50)
        let record = session.sealed([], isData: false, at: now)
        #expect(header(record).yts && header(record).second == established.returnCookie)
      }
    }
    #expect(due == [250, 750, 1750, 3750])
  }

  @Test("R4: a call that no record confirms is followed by a new handshake after 5 s and more")
  func rule4GivesUp() throws {
    let (_, lesser) = try opened(7)
    var session = OutboundSession(try #require(lesser.opened.first).session, of: PeerIndex(0))
    var silent = 0
    for step in 1...200 {
      let now = Moment.after(50 + Int64(step) * 50).boot
      if session.advance(to: now).contains(.silent) { silent += 1 }
    }
    #expect(silent == 1)
  }

  @Test("R5: knocks come after 250 ms, doubling to 2 s, a quarter either way, for 30 s")
  func rule5() throws {
    let (greater, lesser) = Party.pair(8)
    var messages: Set<[UInt8]> = []
    var forwards: Set<UInt32> = []
    var times: [Int64] = []
    func note(_ sent: [[UInt8]], _ time: Int64) {
      for datagram in sent {
        times.append(time)
        forwards.insert(header(datagram).first)
        if let options = HandshakeOptions(datagram.rawSpan, from: 8) {
          messages.insert(options.message1 ?? [])
        }
      }
    }
    note(lesser.call(greater, at: .after(0)), 0)
    for time in stride(from: Int64(1), to: 40_000, by: 1) {
      note(lesser.advance(to: .after(time)), time)
    }
    let gaps = zip(times.dropFirst(), times).map { $0 - $1 }
    let nominal: [Int64] = [250, 500, 1000, 2000]
    for (place, gap) in gaps.enumerated() {
      let expected = nominal[min(place, 3)]
      #expect((expected * 3 / 4 - 1...expected * 5 / 4 + 1).contains(gap))
    }
    #expect(forwards.count == times.count, "a new timestamp every time")
    #expect((4...7).contains(messages.count), "a new ephemeral after 5 s")
    #expect(lesser.gaveUp == 1 && lesser.association.knock == nil)
    #expect(times.last.map { (26_000...32_500).contains($0) } == true)
  }

  @Test("R6: a call that began after the other session was open does not collide with it")
  func rule6() throws {
    let (greater, lesser) = Party.pair(9)
    let one = try #require(greater.call(lesser, at: .after(0)).first)
    let answerOne = try #require(lesser.receive(one, from: greater.endpoint, at: .after(25)))
    #expect(greater.receive(answerOne[0], from: lesser.endpoint, at: .after(50)) != nil)
    #expect(greater.opened.first?.sendOn == true)
    let restarted = Party(lesser.identity, peer: greater.identity.permID, number: 2)
    let late = try #require(restarted.call(greater, at: .after(100)).first)
    let answer = try #require(greater.receive(late, from: lesser.endpoint, at: .after(125)))
    #expect(restarted.receive(answer[0], from: greater.endpoint, at: .after(150)) != nil)
    let record = try #require(restarted.opened.first).session.firstRecord(at: .after(150))
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(175)) != nil)
    #expect(greater.opened.last?.sendOn == true)
  }

  @Test("R7: a handshake beside an open session changes nothing until it is confirmed")
  func rule7() throws {
    let (greater, lesser) = try opened(10)
    let before = greater.association.sending
    let call = try #require(lesser.call(greater, at: .after(120_000)).first)
    #expect(greater.receive(call, from: lesser.endpoint, at: .after(120_025)) != nil)
    #expect(greater.association.sending == before && greater.association.live.count == 1)
    _ = greater.advance(to: .after(131_000))
    #expect(greater.association.answered == nil, "dropped after 10 s")
    #expect(greater.association.sending == before)
  }

  @Test("R9: a stale handshake time is answered only with a good returned timestamp")
  func rule9() throws {
    let (greater, lesser) = Party.pair(11)
    let replayed = try #require(lesser.call(greater, at: .after(0)).first)
    let answer = try #require(greater.receive(replayed, from: lesser.endpoint, at: .after(25)))
    #expect(lesser.receive(answer[0], from: greater.endpoint, at: .after(50)) != nil)
    let record = try #require(lesser.opened.first).session.firstRecord(at: .after(50))
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(75)) != nil)
    #expect(greater.receive(replayed, from: lesser.endpoint, at: .after(20_000)) == nil)
    #expect(greater.association.answered == nil)
    let cookie = greater.host.cookies.issue(to: lesser.endpoint, at: Moment.after(20_000).boot)
    var returning = replayed
    let new = P2TPHeader(
      sop: false, clr: true, yts: true, first: header(replayed).first, second: cookie)
    returning.replaceSubrange(0..<8, with: new.bytes)
    #expect(greater.receive(returning, from: lesser.endpoint, at: .after(20_025)) != nil)
  }

  @Test("R9: a stale call draws no knock from a greater PermID that calls itself")
  func rule9Insisting() throws {
    let (greater, lesser) = try opened(12)
    let replayed = try #require(lesser.call(greater, at: .after(100)).first)
    let answer = try #require(greater.receive(replayed, from: lesser.endpoint, at: .after(125)))
    #expect(lesser.receive(answer[0], from: greater.endpoint, at: .after(150)) != nil)
    let record = try #require(lesser.opened.last).session.firstRecord(at: .after(150))
    #expect(greater.receive(record, from: lesser.endpoint, at: .after(175)) != nil)
    #expect(greater.call(lesser, at: .after(200)).count == 1)
    #expect(greater.receive(replayed, from: .test(66), at: .after(300)) == nil)
    #expect(!greater.association.expects(.test(66)))
  }

  @Test("R10: forged, misdirected and late answers leave the call as it was")
  func rule10() throws {
    let (greater, lesser) = Party.pair(13)
    let call = try #require(lesser.call(greater, at: .after(0)).first)
    let answer = try #require(greater.receive(call, from: lesser.endpoint, at: .after(25))?.first)
    // All but the forward timestamp, the one field that no key covers.
    for place in [4, 6, 20, answer.count - 1] {
      var forged = answer
      forged[place] ^= 0x20
      #expect(lesser.receive(forged, from: greater.endpoint, at: .after(50)) == nil)
    }
    #expect(lesser.receive(answer, from: .test(9), at: .after(50)) == nil)
    #expect(lesser.receive(answer, from: greater.endpoint, at: .after(5001)) == nil)
    #expect(lesser.opened.isEmpty && lesser.association.knock != nil)
    #expect(lesser.receive(answer, from: greater.endpoint, at: .after(50)) != nil)
  }

  @Test("The same call again gets the same answer without a new agreement; a newer one replaces it")
  func repeats() throws {
    let (greater, lesser) = Party.pair(14)
    let call = try #require(lesser.call(greater, at: .after(0)).first)
    _ = greater.receive(call, from: lesser.endpoint, at: .after(25))
    let first = greater.association.answered?.message2
    _ = greater.receive(call, from: lesser.endpoint, at: .after(300))
    #expect(greater.association.answered?.message2 == first)
    let newer = lesser.advance(to: .after(6000))
    _ = greater.receive(try #require(newer.first), from: lesser.endpoint, at: .after(6025))
    #expect(greater.association.answered?.message2 != first)
  }

  @Test("More than four live sessions retire the oldest that is not sent on")
  func retires() throws {
    let (greater, lesser) = try opened(15)
    for round in 1...6 {
      let start = Int64(round) * 1000
      let call = try #require(lesser.call(greater, at: .after(start)).first)
      let answer = try #require(
        greater.receive(call, from: lesser.endpoint, at: .after(start + 25)))
      #expect(lesser.receive(answer[0], from: greater.endpoint, at: .after(start + 50)) != nil)
      let record = try #require(lesser.opened.last).session.firstRecord(at: .after(start + 50))
      #expect(greater.receive(record, from: lesser.endpoint, at: .after(start + 75)) != nil)
    }
    #expect(greater.association.live.count == Association.liveLimit)
    #expect(greater.retired.count == 3)
    #expect(greater.association.live.contains { $0.id == greater.association.sending })
  }
}
