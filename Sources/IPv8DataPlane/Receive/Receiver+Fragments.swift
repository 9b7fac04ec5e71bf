import IPv8Wire
import P2TP

extension Receiver {
  /// Takes a part of a plaintext, which lies at `offset` of the arena, and reads the plaintext once it is
  /// whole.
  mutating func takeFragment(
    _ header: FragmentHeader, at offset: Int, _ count: Int, of index: PeerIndex,
    on session: SessionID, arena: inout PacketArena, at now: Timestamp,
    into out: inout ReceiveOutput
  ) {
    let before = reassembly.dropped
    defer { counters.fragments += reassembly.dropped - before }
    let whole = reassembly.take(
      header, arena.contents(offset, count), of: index, on: session, at: now)
    guard let whole else { return }
    let start = freshOffset(in: arena)
    let total = reassembly.total(whole)
    guard arena.fits(total, at: start) else {
      counters.oversized += 1
      reassembly.drop(whole)
      return
    }
    var room = arena[start, total]
    reassembly.takeWhole(whole, into: &room)
    var reader = FrameReader(arena.contents(start, total))
    switch reader.next() {
    case .packet: deliver(start, total, of: index, arena: &arena, into: &out)
    case .chunk(let range):
      begin(start + range.lowerBound, range.count, of: index, arena: &arena)
    default: counters.malformed += 1
    }
  }
}
