import IPv8Wire
import Testing

@testable import IPv8DataPlane

@Suite("Reassembly of fragments")
struct ReassemblyTests {
  final class Store {
    var reassembly = Reassembly()
    var now = Timestamp(nanoseconds: 1_000_000_000_000)
    var byteCount: Int { reassembly.byteCount }
    var count: Int { reassembly.count }
    var dropped: UInt64 { reassembly.dropped }

    /// Takes a part; the plaintext that it makes whole.
    func take(
      _ id: UInt16, _ offset: Int, _ total: Int, _ part: [UInt8], peer: Int = 0, session: UInt32 = 1
    ) -> [UInt8]? {
      let header = FragmentHeader(id: id, offset: UInt16(offset), total: UInt16(total))
      guard
        let place = reassembly.take(
          header, part.rawSpan, of: PeerIndex(peer), on: SessionID(session), at: now)
      else { return nil }
      var whole = [UInt8](repeating: 0, count: reassembly.total(place))
      whole.withMutableRawSpan { reassembly.takeWhole(place, into: &$0) }
      return whole
    }
  }

  static let text = (0..<100).map { UInt8($0) }

  @Test("in any order")
  func orders() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 0, 2]] {
      let store = Store()
      var whole: [UInt8]?
      for (step, part) in order.enumerated() {
        let range = (part * 40)..<min(part * 40 + 40, 100)
        whole = store.take(7, range.lowerBound, 100, Array(Self.text[range]))
        #expect((whole != nil) == (step == 2))
      }
      #expect(whole == Self.text && store.count == 0 && store.byteCount == 0)
      #expect(store.dropped == 0)
    }
  }

  @Test("peers, sessions and ids are kept apart")
  func apart() {
    let store = Store()
    #expect(store.take(1, 0, 100, Array(Self.text[..<50])) == nil)
    for other in [(2, 0, 1), (1, 1, 1), (1, 0, 2)] as [(UInt16, Int, UInt32)] {
      #expect(
        store.take(other.0, 50, 100, Array(Self.text[50...]), peer: other.1, session: other.2)
          == nil)
    }
    #expect(store.take(1, 50, 100, Array(Self.text[50...])) == Self.text)
  }

  @Test("what does not fit together is forgotten")
  func contradictions() {
    for (offset, total, count) in [(30, 100, 40), (50, 101, 50), (0, 100, 40)] {
      let store = Store()
      #expect(store.take(1, 0, 100, Array(Self.text[..<50])) == nil)
      #expect(store.take(1, offset, total, Array(Self.text[..<count])) == nil)
      #expect(store.count == 0 && store.dropped == 1 && store.byteCount == 0)
    }
    let store = Store()
    for part in 0..<5 { #expect(store.take(1, part, 100, [1]) == nil) }
    #expect(store.count == 0 && store.dropped == 1)
  }

  @Test("after 2 s it is too late")
  func timeout() {
    let store = Store()
    #expect(store.take(1, 0, 100, Array(Self.text[..<50])) == nil)
    store.now = store.now + Reassembly.timeout
    #expect(store.take(1, 50, 100, Array(Self.text[50...])) == nil)
    #expect(store.dropped == 1 && store.count == 1)
  }

  @Test("one peer has so many entries and bytes, its oldest give way, others' stay")
  func peerLimits() {
    for total in [100, 9001] {
      let store = Store()
      #expect(store.take(1, 0, 100, Array(Self.text[..<50]), peer: 1) == nil)
      for id in 0..<1_000 as Range<UInt16> {
        store.now = store.now + .microseconds(1)
        #expect(store.take(id, 0, total, [1]) == nil)
        #expect(store.count <= Reassembly.peerEntryLimit + 1)
        #expect(store.byteCount <= Reassembly.peerByteLimit + 100)
      }
      #expect(store.take(1, 50, 100, Array(Self.text[50...]), peer: 1) == Self.text)
    }
  }

  @Test("all peers together too")
  func limits() {
    for total in [100, 9001] {
      let store = Store()
      for id in 0..<3_000 as Range<UInt16> {
        store.now = store.now + .microseconds(1)
        #expect(store.take(id, 0, total, [1], peer: Int(id) % 100) == nil)
        #expect(store.count <= Reassembly.entryLimit && store.byteCount <= Reassembly.byteLimit)
      }
      #expect(store.count > 20)
    }
  }
}
