import IPv8Crypto
import IPv8Wire
import TestVectors
import Testing

@testable import IPv8Traversal

/// docs/protocol/lan.md
@Suite("LAN discovery")
struct LANDiscoveryTests {
  @Test("contacts find each other within a quarter of a second, and nobody else does")
  func findings() {
    var lan = VirtualLAN()
    for _ in 0..<3 { lan.add() }
    lan.acquaint(0, with: 1)
    lan.run(for: .seconds(5))
    lan.acquaint(1, with: 0)
    let added = lan.now
    lan.run(for: .seconds(5))
    // Who announced itself before it was known is heard when the other one is added.
    #expect(lan.hosts[0].findings.contains { $0.at - added < .milliseconds(250) })
    #expect(lan.hosts[0].findings.allSatisfy { $0.endpoint == lan.hosts[1].endpoint })
    #expect(lan.hosts[2].findings.isEmpty)
  }

  @Test("a host that comes later is found as soon as it has an address")
  func late() throws {
    var lan = VirtualLAN()
    lan.add()
    lan.add(isUp: false)
    lan.acquaint(0, with: 1)
    lan.acquaint(1, with: 0)
    lan.run(for: .seconds(3_000))
    lan.raise(1)
    let raised = lan.now
    lan.run(for: .seconds(1))
    let found = try #require(lan.hosts[0].findings.first)
    #expect(found.at - raised < .milliseconds(250))
    #expect(found.contact == PeerIndex(1) && found.endpoint == lan.hosts[1].endpoint)
  }

  @Test(
    "clocks that are years apart do not hide contacts from each other",
    arguments: [0, 1_000_000_000_000])
  func wrongClocks(clock: UInt64) {
    var lan = VirtualLAN()
    lan.add()
    lan.add(clock: clock)
    lan.acquaint(0, with: 1)
    lan.acquaint(1, with: 0)
    lan.run(for: .seconds(3_600))
    #expect(lan.hosts[0].findings.first.map { $0.at - VirtualLAN.start < .seconds(2) } == true)
    #expect(lan.hosts[1].findings.first.map { $0.at - VirtualLAN.start < .seconds(2) } == true)
    // In every epoch anew.
    #expect(lan.hosts.allSatisfy { $0.findings.count >= 5 })
  }

  @Test("an idle host sends one announcement in seven to thirteen minutes")
  func idle() {
    var lan = VirtualLAN()
    lan.add()
    lan.run(for: .seconds(86_400))
    #expect((112...200).contains(lan.sent.count), "\(lan.sent.count)")
    for (earlier, later) in zip(lan.sent.dropFirst(), lan.sent.dropFirst(2)) {
      #expect((450...750).contains((later.at - earlier.at).milliseconds / 1_000))
    }
  }

  @Test("a network that comes and goes, and eager programs, cannot make a host chatter")
  func limits() {
    var lan = VirtualLAN()
    lan.add()
    for _ in 0..<600 {
      lan.hosts[0].discovery.setNetworks([], at: lan.now)
      lan.hosts[0].discovery.setNetworks([.v4(VirtualLAN.prefix)], at: lan.now)
      lan.hosts[0].discovery.search(at: lan.now)
      lan.run(for: .milliseconds(100))
    }
    #expect(lan.sent.count <= 6 + 4, "\(lan.sent.count)")
    lan.run(for: .seconds(300))
    let before = lan.sent.count
    for _ in 0..<120 {
      lan.hosts[0].discovery.search(at: lan.now)
      lan.run(for: .seconds(1))
    }
    #expect((1...2).contains(lan.sent.count - before))
  }

  @Test("what a stranger sees of a host changes with every epoch, all but version and time")
  func privacy() {
    var lan = VirtualLAN()
    lan.add()
    lan.run(for: .seconds(40_000))
    var seen: [UInt32: LANAnnouncement] = [:]
    for (_, _, bytes) in lan.sent {
      guard let announcement = LANAnnouncement(bytes.rawSpan) else {
        Issue.record("no announcement")
        continue
      }
      #expect(bytes.count == 16)
      let known = seen.updateValue(announcement, forKey: announcement.epoch)
      #expect(known == nil || known == announcement)
    }
    #expect(seen.count > 30)
    #expect(Set(seen.values.map(\.tag)).count == seen.count)
    // Two of 16 bits may be equal by chance.
    #expect(Set(seen.values.map(\.maskedPort)).count > seen.count - 3)
  }

  @Test("what does not come out of a network of ours is not listened to")
  func foreignSources() {
    var lan = VirtualLAN()
    lan.add()
    lan.add()
    lan.acquaint(0, with: 1)
    lan.run(for: .milliseconds(10))
    var actions: [LANAction] = []
    let tag = LANTag(of: lan.hosts[1].permID, in: LANTag.epoch(at: lan.moment(of: 0).wall))
    let bytes = LANAnnouncement(
      maskedPort: 7 ^ tag.mask, epoch: LANTag.epoch(at: lan.moment(of: 0).wall), tag: tag.tag
    ).bytes
    let linkLocal = IPAddress.v6(IPv6Address(0xfe80 << 112 | 9))
    for source in [
      Endpoint(.v4(IPv4Address(0xc0a8_0201)), port: 1),
      Endpoint(.v4(IPv4Address(0x0808_0808)), port: 1),
      Endpoint(linkLocal, port: 1, scope: 3), Endpoint(.v6(IPv6Address(0x2001 << 112)), port: 1),
    ] {
      lan.hosts[0].discovery.receive(
        bytes.rawSpan, from: source, at: lan.moment(of: 0), into: &actions)
    }
    #expect(actions.isEmpty)
    lan.hosts[0].discovery.setNetworks([.v6(scope: 3)], at: lan.now)
    let source = Endpoint(linkLocal, port: 1, scope: 3)
    lan.hosts[0].discovery.receive(
      bytes.rawSpan, from: source, at: lan.moment(of: 0), into: &actions)
    #expect(actions == [.discovered(PeerIndex(1), Endpoint(linkLocal, port: 7, scope: 3))])
  }

  @Test("one who knows a contact's PermID can name four endpoints in half a second, no more")
  func flood() {
    var lan = VirtualLAN()
    lan.add()
    lan.add()
    lan.acquaint(0, with: 1)
    let epoch = LANTag.epoch(at: lan.moment(of: 0).wall)
    let tag = LANTag(of: lan.hosts[1].permID, in: epoch)
    for step in 0..<1_000 {
      lan.deliver(
        LANAnnouncement(maskedPort: UInt16(step), epoch: epoch, tag: tag.tag).bytes,
        from: lan.hosts[1].endpoint, to: 0)
      lan.run(for: .milliseconds(1))
    }
    #expect(lan.hosts[0].findings.count <= 12)
  }

  @Test("a contact whose clock is wrong is found again after a flood of random epochs")
  func epochFlood() {
    var random = TestRandom("Epoch flood")
    var lan = VirtualLAN()
    lan.add()
    lan.add(clock: 0)
    lan.acquaint(0, with: 1)
    lan.acquaint(1, with: 0)
    for _ in 0..<1_000 {
      lan.deliver(
        LANAnnouncement(maskedPort: 1, epoch: random.integer(), tag: random.next()).bytes,
        from: lan.hosts[1].endpoint, to: 0)
      lan.run(for: .milliseconds(10))
    }
    let flooded = lan.now
    lan.run(for: .seconds(1_500))
    #expect(lan.hosts[0].findings.contains { $0.at > flooded })
  }

  @Test("a contact that was removed is not found any more")
  func removal() {
    var lan = VirtualLAN()
    lan.add()
    lan.add()
    lan.acquaint(0, with: 1)
    lan.run(for: .seconds(5))
    let count = lan.hosts[0].findings.count
    #expect(count > 0)
    lan.hosts[0].discovery.remove(lan.hosts[1].permID)
    lan.run(for: .seconds(5_000))
    #expect(lan.hosts[0].findings.count == count)
  }

  @Test("announcements have the bytes that another implementation of BLAKE2b gives")
  func vector() throws {
    let permID = try #require(PermID((0..<32).map { UInt8($0) }))
    var discovery = LANDiscovery(permID: permID, port: 41_641, seed: 1)
    discovery.setNetworks([.v4(VirtualLAN.prefix)], at: VirtualLAN.start)
    var actions: [LANAction] = []
    discovery.advance(
      to: Moment(
        boot: VirtualLAN.start + .seconds(1), wall: WallTime(milliseconds: 1_700_000_100_000)),
      into: &actions)
    // hashlib.blake2b(bytes(range(32)) + epoch, digest_size=32, person=b"ipv8-lan-v1")
    let expected: [UInt8] = [
      0x00, 0x01, 0x6f, 0x92, 0x00, 0x2b, 0x3b, 0xb5,
      0xe5, 0x8b, 0x7a, 0x09, 0xca, 0x75, 0xc3, 0xfa,
    ]
    let everybody = Endpoint(.v4(IPv4Address(0xc0a8_01ff)), port: 46_808)
    #expect(actions == [.send(expected, to: everybody)])
  }
}
