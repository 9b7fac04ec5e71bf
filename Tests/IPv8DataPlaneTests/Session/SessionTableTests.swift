import IPv8Crypto
import IPv8Wire
import P2TP
import Testing

@testable import IPv8DataPlane

@Suite("The table of sessions")
struct SessionTableTests {
  /// The table behind a reference.
  private final class Box {
    var table = SessionTable<InboundSession>()

    func insert(_ id: UInt32, of peer: Int) {
      let key = SecretBytes(copying: [UInt8](repeating: 1, count: 32).rawSpan)
      let established = EstablishedSession.forTests(
        ids: (id, id), isInitiator: true, suite: .chaCha20Poly1305, keys: (key, key),
        at: LanePair.start, endpoint: LaneEnd(1).endpoint)
      _ = table.insert(
        InboundSession(established, of: PeerIndex(peer)), id: established.localID)
    }

    func peer(of id: UInt32) -> Int? {
      guard let place = table.place(of: SessionID(id)) else { return nil }
      return table[place].localID == SessionID(id) ? table[place].peer.value : -1
    }
  }

  @Test("finds what a dictionary finds, over random insertions and removals", arguments: 0..<4)
  func matchesDictionary(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let box = Box()
    var oracle: [UInt32: Int] = [:]
    for step in 0..<2_000 {
      let id = UInt32(1 + random.next() % 200)
      if random.next() % 5 < 3 {
        if oracle[id] == nil {
          oracle[id] = step
          box.insert(id, of: step)
        }
      } else {
        oracle[id] = nil
        box.table.remove(SessionID(id))
      }
      let count = box.table.count
      guard count == oracle.count, box.peer(of: id) == oracle[id] else {
        Issue.record("seed \(seed), step \(step)")
        return
      }
    }
    for id in 1...200 as ClosedRange<UInt32> { #expect(box.peer(of: id) == oracle[id]) }
  }
}
