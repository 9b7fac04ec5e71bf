import IPv8Records
import IPv8Wire
import Testing

@testable import IPv8Node

/// What a node signs about itself.
@Suite("A node's own record")
struct OwnBindingTests {
  private let global = Endpoint(.v4(IPv4Address(0xc612_0001)), port: 1)
  private let inside = Endpoint(.v4(IPv4Address(0x0a00_0001)), port: 1)
  private let mapped = Endpoint(.v4(IPv4Address(0xcb00_7107)), port: 7)
  private let other = Endpoint(.v4(IPv4Address(0xcb00_7108)), port: 8)

  @Test("names the interface's own global address, whatever peers see")
  func prefersGlobal() {
    let (a, b) = NodeFixture.pair()
    a.setLocal(global, at: 0)
    a.observe(mapped, by: b, at: 1)
    #expect(a.binding?.record.endpoint4 == global)
  }

  @Test("names what most peers see where the interface's address is private")
  func countsVotes() {
    let node = NodeFixture(1)
    let peers = (2..<5).map { NodeFixture($0) }
    for peer in peers { node.add(peer) }
    node.setLocal(inside, at: 0)
    #expect(node.binding?.record.endpoint4 == inside)
    node.observe(other, by: peers[0], at: 1)
    #expect(node.binding?.record.endpoint4 == other)
    node.observe(mapped, by: peers[1], at: 2)
    #expect(node.binding?.record.endpoint4 == mapped, "a tie goes to the smaller text")
    node.observe(other, by: peers[2], at: 3)
    #expect(node.binding?.record.endpoint4 == other)
  }

  @Test("is signed again only when something changed or half its lifetime passed, always later")
  func renews() throws {
    let node = NodeFixture(1)
    node.setLocal(global, at: 0)
    let first = try #require(node.binding)
    node.setLocal(global, at: 10)
    #expect(node.binding == first)
    let half = OwnBinding.renewal.milliseconds
    _ = node.advance(to: half - 1)
    #expect(node.binding == first)
    _ = node.advance(to: half)
    let second = try #require(node.binding)
    #expect(second.record.timestamp > first.record.timestamp)
    // The wall clock goes back.
    node.setLocal(mapped, at: 20)
    #expect(node.binding.map { $0.record.timestamp > second.record.timestamp } == true)
  }
}
