import IPv8Crypto
import IPv8Wire
import P2TP

@testable import IPv8Node

/// A caller, a callee that it does not know where to find, and introducers with open sessions to
/// both. Frames go from node to node when the test says so.
final class Trio {
  let a = NodeFixture(1)
  let b = NodeFixture(2)
  let introducers: [NodeFixture]
  var all: [NodeFixture] { [a, b] + introducers }
  var m: NodeFixture { introducers[0] }

  /// A frame under way.
  struct Letter {
    let sender: NodeFixture
    let recipient: NodeFixture
    let frame: ControlFrame
  }

  init(introducerCount: Int = 1) {
    introducers = (0..<introducerCount).map { NodeFixture(UInt32(10 + $0)) }
    for side in [a, b] {
      for introducer in introducers { Self.open(side, introducer, at: 0) }
      side.setLocal(side.endpoint, at: 100)
    }
    know(a, b)
    know(b, a)
    for node in all { node.frames = [] }
  }

  func know(_ node: NodeFixture, _ other: NodeFixture) {
    node.decide(at: 100) { node, now, actions in
      _ = node.setContact(Contact(permID: other.identity.permID), at: now, into: &actions)
    }
  }

  /// Opens a session of two nodes, which know each other from then on.
  static func open(_ a: NodeFixture, _ b: NodeFixture, at time: Int64) {
    a.add(b, at: time)
    b.add(a, at: time)
    let call = a.call(b, at: time).first ?? []
    let answer = b.receive(call, from: a.endpoint, at: time).first ?? []
    _ = a.receive(answer, from: b.endpoint, at: time)
    let record = a.installed.last?.firstRecord(at: time) ?? []
    _ = b.receive(record, from: a.endpoint, at: time)
  }

  func node(_ permID: PermID?) -> NodeFixture? { all.first { $0.identity.permID == permID } }

  /// Frames that nodes want sent, each once.
  func letters() -> [Letter] {
    all.flatMap { sender in
      defer { sender.frames = [] }
      return sender.frames.compactMap { to, frame in
        node(sender.node.contact(to)?.permID).map {
          Letter(sender: sender, recipient: $0, frame: frame)
        }
      }
    }
  }

  func deliver(_ letter: Letter, at time: Int64) {
    let index = letter.recipient.index(letter.sender)
    letter.recipient.decide(at: time) { node, now, actions in
      node.receive(
        letter.frame, of: index, from: letter.sender.endpoint, at: now, into: &actions)
    }
  }

  /// Delivers until nothing is under way. Returns all that was.
  @discardableResult
  func settle(at time: Int64) -> [Letter] {
    var delivered: [Letter] = []
    while true {
      let next = letters()
      if next.isEmpty { return delivered }
      for letter in next { deliver(letter, at: time) }
      delivered += next
    }
  }

  /// Packets want the callee.
  func want(at time: Int64) {
    let index = a.index(b)
    a.decide(at: time) { $0.handle(.wanted, of: index, at: $1, into: &$2) }
  }

  func reach(_ node: NodeFixture, to other: NodeFixture) -> Reach? {
    node.node.peers[node.index(other)]?.reach
  }

  func end(_ node: NodeFixture, _ other: NodeFixture, at time: Int64) {
    let index = node.index(other)
    for id in node.node.peers[index]?.association.localIDs ?? [] {
      node.decide(at: time) { $0.handle(.ended(id), of: index, at: $1, into: &$2) }
    }
  }
}
