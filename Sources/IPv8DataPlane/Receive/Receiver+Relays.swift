import IPv8Wire
import P2TP

/// What becomes of the datagrams of one ``RelayLink``.
struct ReceiverRelay: Sendable {
  /// A pair's rate may be exceeded by what it carries in such a fraction of a second.
  static let burstFraction: Int64 = 4

  let target: RelayLink.Target
  /// Of bytes; none for this host's own ends.
  var allowance: TokenBucket?

  init(_ target: RelayLink.Target) {
    self.target = target
    if case .onward(_, _, let rate) = target, rate > 0 {
      allowance = TokenBucket(rate: Int64(rate), burst: Int64(rate) / Self.burstFraction)
    }
  }
}

extension Receiver {
  /// Passes a relayed datagram on, or takes what is in it as come by way of its relay.
  ///
  /// The relay's endpoint alone does not authenticate it; what is in it is sealed end to end.
  mutating func takeRelayed(
    _ datagram: ReceiveOutput.Unclaimed, _ tag: RelayTag, slab: borrowing PacketSlab,
    arena: inout PacketArena, at now: Timestamp, into out: inout ReceiveOutput
  ) {
    let key = RelayLink.Key(source: datagram.source, tag: tag)
    switch relays[key]?.target {
    case .onward(let destination, let onwardTag, _):
      let byteCount = Int(datagram.range.length)
      guard relays[key]?.allowance?.take(Int64(byteCount), at: now) == true else {
        counters.relayRate += 1
        return
      }
      counters.relayed += 1
      counters.relayedBytes += UInt64(byteCount)
      out.onward.append(
        ReceiveOutput.Onward(
          range: datagram.range, tag: onwardTag, destination: destination, ecn: datagram.ecn))
    case .here(let relay):
      let inner = ReceiveOutput.Unclaimed(
        range: datagram.range.grown(front: -DatagramKind.relayPrefix, back: 0),
        source: Endpoint(.relay(relay, tag: tag)), ecn: datagram.ecn)
      // One relay is enough: what is nested deeper is nobody's.
      if case .relayed = DatagramKind(slab.contents(of: inner.range)) {
        counters.unknownRelay += 1
        return
      }
      take(inner, slab: slab, arena: &arena, at: now, into: &out)
    case nil: counters.unknownRelay += 1
    }
  }
}
