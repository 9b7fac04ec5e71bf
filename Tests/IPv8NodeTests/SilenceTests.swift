import IPv8Crypto
import IPv8Wire
import Testing

@testable import IPv8Node
@testable import P2TP

/// docs/protocol: the silence rule, load levels, and what a flood may cost.
@Suite("A node")
struct SilenceTests {
  @Test("says nothing to a call without MAC1, with a wrong one, or of a stranger")
  func isSilent() throws {
    let (a, b) = NodeFixture.pair()
    let call = try #require(a.call(b, at: 0).first)
    let bare = [UInt8](call.dropLast(HandshakeOptions.mac1OptionByteCount))
    #expect(b.receive(bare, from: a.endpoint, at: 10).isEmpty)
    var wrong = call
    wrong[wrong.count - 1] ^= 1
    #expect(b.receive(wrong, from: a.endpoint, at: 10).isEmpty)
    #expect(b.counters.silent == 2)
    let stranger = NodeFixture(3)
    stranger.add(b)
    let strange = try #require(stranger.call(b, at: 0).first)
    #expect(b.receive(strange, from: stranger.endpoint, at: 10).isEmpty)
    #expect(b.counters.stranger == 1)
    #expect(b.pending == 0)
    #expect(b.receive(call, from: a.endpoint, at: 20).count == 1)
  }

  @Test("answers a bare probe of a known address, or of anyone if it is public")
  func probes() {
    let probe = P2TPHeader(sop: false, first: 5, second: 0).bytes
    let (a, b) = NodeFixture.pair()
    #expect(b.receive(probe, from: a.endpoint, at: 0).first?.count == 8)
    #expect(b.receive(probe, from: NodeFixture.endpoint(9), at: 0).isEmpty)
    let open = NodeFixture(4, isPublic: true)
    #expect(open.receive(probe, from: NodeFixture.endpoint(9), at: 0).first?.count == 8)
    b.remove(a, at: 1)
    #expect(b.receive(probe, from: a.endpoint, at: 2).isEmpty)
  }

  @Test(
    "never sends more than it got, nor more than one datagram, whatever arrives", arguments: 0..<8)
  func doesNotAmplify(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let (a, b) = NodeFixture.pair()
    // The callee signs a record with a name, the caller has none: an answer longer than the call.
    if seed % 2 == 0 { b.setLocal(b.endpoint, at: 0) }
    b.load([.none, .cookie, .token, .none][Int(seed % 4)], at: 0)
    let call = try #require(a.call(b, at: 0).first)
    let own = b.call(a, at: 0).first ?? call
    for round in 0..<1_500 {
      var datagram = [call, own][Int(random.next() % 2)]
      switch random.next() % 4 {
      case 0:
        datagram = (0..<Int(random.next() % 300)).map { _ in
          UInt8(truncatingIfNeeded: random.next())
        }
      case 1:
        for _ in 0...random.next() % 4 {
          datagram[Int(random.next() % UInt64(datagram.count))] = UInt8(
            truncatingIfNeeded: random.next())
        }
      case 2: datagram = [UInt8](datagram.prefix(Int(random.next() % UInt64(datagram.count))))
      default: break
      }
      if random.next() & 1 == 0, datagram.count > 30 {
        let bare = [UInt8](datagram.dropLast(HandshakeOptions.mac1OptionByteCount))
        datagram = bare.sealedWithMAC1(for: b.identity.permID)
      }
      let source = NodeFixture.endpoint(UInt32(random.next() % 40))
      let replies = b.receive(datagram, from: source, at: Int64(round))
      guard replies.count <= 1, replies.allSatisfy({ $0.count <= datagram.count }) else {
        Issue.record("seed \(seed), round \(round): \(datagram) → \(replies)")
        return
      }
    }
  }

  @Test("answers a call too short for its answer with eight bytes, and opens at the next")
  func givesWay() throws {
    let (a, b) = NodeFixture.pair()
    b.setLocal(b.endpoint, at: 0)
    let call = try #require(a.call(b, at: 0).first)
    let bare = try #require(b.receive(call, from: a.endpoint, at: 25).first)
    #expect(bare.count == 8)
    let again = try #require(a.receive(bare, from: b.endpoint, at: 50).first)
    let answer = try #require(b.receive(again, from: a.endpoint, at: 75).first)
    #expect(answer.count > 8)
    _ = a.receive(answer, from: b.endpoint, at: 100)
    #expect(a.installed.count == 1)
  }

  @Test(
    "keeps its size under a hundred thousand spoofed calls",
    arguments: [LoadGate.Level.cookie, .token])
  func isBoundedUnderLoad(level: LoadGate.Level) throws {
    let (a, b) = NodeFixture.pair()
    let call = try #require(a.call(b, at: 0).first)
    var replies = 0
    for round in 0..<100_000 {
      if round % 10_000 == 0 { b.load(level, at: Int64(round / 100)) }
      replies +=
        b.receive(
          call, from: NodeFixture.endpoint(UInt32(round) + 10), at: Int64(round / 100)
        ).count
      guard b.pending == 0, b.owners == 0 else {
        Issue.record("state after call \(round)")
        return
      }
    }
    #expect(replies == 100_000)
    #expect(b.counters.deferred == 100_000)
  }

  @Test("holds one pending session for a contact, however often and from wherever it calls")
  func isBoundedWhenCalm() throws {
    let (a, b) = NodeFixture.pair()
    for round in 0..<150 {
      let calls = a.advance(to: Int64(round) * 6_000) + a.call(b, at: Int64(round) * 6_000)
      for call in calls {
        for source in 0..<UInt32(3) {
          _ = b.receive(call, from: NodeFixture.endpoint(20 + source), at: Int64(round) * 6_000)
        }
      }
      #expect(b.pending <= 1 && b.owners <= 1)
    }
    _ = b.advance(to: 2_000_000)
    #expect(b.pending == 0 && b.owners == 0)
  }

  @Test("does not open for the thief of its own key, who can forge a call but not confirm it")
  func resistsImpersonation() throws {
    let (a, b) = NodeFixture.pair()
    // The forger knows b's secret key and a's PermID: `ss` can be computed from b's side, which is
    // what a forged static key would need; without a's secret message 2 stays unreadable.
    let forger = NodeFixture(5)
    var noise = P2TPNoise.initiator(
      forger.identity, ephemeral: AgreementKey(secret: forger.node.host.entropy.secret(32)),
      responder: b.identity.permID, responderKey: b.identity.agreementKey.publicKey)
    let payload = InitiatorPayload(
      aeadOffer: 1, sessionID: SessionID(7), time: NodeFixture.moment(0).wall,
      permID: a.identity.permID)
    let message = try noise.write(payload.bytes)
    let call = OpeningDatagram.message1(
      message, forward: 9, returned: nil, token: nil, mac1: MAC1(recipient: b.identity.permID))
    #expect(b.receive(call, from: forger.endpoint, at: 10).isEmpty)
    #expect(b.counters.badHandshake == 1)
    #expect(b.pending == 0)
    // A replayed genuine call is answered, but no record can confirm it.
    let genuine = try #require(a.call(b, at: 0).first)
    #expect(b.receive(genuine, from: forger.endpoint, at: 20).count == 1)
    let id = try #require(b.pendingID)
    var record = P2TPHeader(sop: true, first: 0, second: 0).bytes
    record.append(bigEndian: id.value)
    record += [UInt8](repeating: 7, count: 40)
    #expect(b.receive(record, from: forger.endpoint, at: 30).isEmpty)
    #expect(b.installed.isEmpty && b.state(of: a) == .opening)
  }

  @Test("answers a call with a stale time with eight bytes only")
  func stale() throws {
    let (a, b) = NodeFixture.pair()
    let call = try #require(a.call(b, at: 0).first)
    let answer = try #require(b.receive(call, from: a.endpoint, at: 25).first)
    _ = a.receive(answer, from: b.endpoint, at: 50)
    _ = b.receive(try #require(a.installed.first).firstRecord(at: 50), from: a.endpoint, at: 75)
    #expect(b.installed.count == 1)
    let replies = b.receive(call, from: NodeFixture.endpoint(66), at: 20_000)
    #expect(replies.count == 1 && replies.first?.count == 8)
    #expect(b.pending == 0)
  }

  @Test("ends the sessions of a contact that is removed, and hears it no more")
  func removes() throws {
    let (a, b) = NodeFixture.pair()
    let call = try #require(a.call(b, at: 0).first)
    _ = a.receive(
      try #require(b.receive(call, from: a.endpoint, at: 25).first), from: b.endpoint, at: 50)
    _ = b.receive(try #require(a.installed.first).firstRecord(at: 50), from: a.endpoint, at: 75)
    b.remove(a, at: 100)
    #expect(b.retired == b.installed.map(\.localID))
    #expect(b.owners == 0 && b.pending == 0)
    let again = try #require(a.advance(to: 6_000).first ?? NodeFixture.freshCall(of: a, to: b))
    #expect(b.receive(again, from: a.endpoint, at: 6_025).isEmpty)
  }

  @Test("refuses contacts beyond its limit, its own PermID, and keys that are none")
  func contacts() {
    let node = NodeFixture(1)
    #expect(node.add(node) == nil)
    #expect(node.add(PermID([UInt8](repeating: 0, count: 32))) == nil)
    var added = 0
    for number in 0..<UInt32(Node.contactLimit + 10)
    where node.add(NodeFixture(number + 2).identity.permID) != nil { added += 1 }
    #expect(added == Node.contactLimit)
  }
}

extension NodeFixture {
  /// A call of a node that begins anew under the identity of `caller`.
  static func freshCall(of caller: NodeFixture, to callee: NodeFixture) -> [UInt8]? {
    caller.node = Node(identity: caller.identity, entropy: entropy(4242))
    caller.add(callee, at: 6_000)
    return caller.call(callee, at: 6_000).first
  }
}
