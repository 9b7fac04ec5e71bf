import IPv8Crypto
import IPv8Wire
import P2TP

// Which sizes the way to a peer takes, and what becomes of packets that are longer.

extension Transmitter {
  /// IPv6 crosses every link whole up to so many bytes (RFC 8200 §5): no error about less.
  static let leastMTU = 1280

  /// What becomes of a plaintext that is longer than its way takes unasked.
  enum Passage {
    case whole
    /// In so many fragments, each of so many bytes but the last.
    case fragments(count: Int, size: Int)
    /// Refused; its sender is told that packets of so many bytes cross.
    case tooBig(mtu: Int)
  }

  /// Decides it, and begins to ask for sizes where nobody did.
  mutating func passage(
    of text: RawSpan, on place: Int, to index: PeerIndex, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> Passage {
    beginPathMTU(index, place, at: now, into: &out)
    guard let path = peers[index]?.path, text.byteCount > path.plaintextLimit else { return .whole }
    let isChunk = text.bigEndian(UInt8.self, at: 0) == Frame.chunkMark
    let packet = text.extracting((isChunk ? 1 : 0)..<text.byteCount)
    let inner = max(path.plaintextLimit - 1, Self.leastMTU)
    if packet.byteCount > inner, path.isMTUSettled, Self.isWhole(packet) {
      return .tooBig(mtu: inner)
    }
    guard sessions[place].peerCapabilities.contains(.fragments) else { return .whole }
    let room = path.plaintextLimit - FragmentHeader.byteCount
    let count = (text.byteCount + room - 1) / room
    guard count <= FragmentHeader.countLimit else { return .tooBig(mtu: inner) }
    return .fragments(count: count, size: (text.byteCount + count - 1) / count)
  }

  /// Whether no router may fragment the packet: IPv6, and IPv4 with Don't Fragment.
  private static func isWhole(_ packet: RawSpan) -> Bool {
    guard case .v4 = IPPacket(packet) else { return true }
    return packet.bigEndian(UInt16.self, at: 6) & 0x4000 != 0
  }

  /// Seals a plaintext that is longer than its way takes unasked; false where it is refused, or the session
  /// or the memory is at its end.
  @inline(never)
  mutating func sealLong(
    _ text: RawSpan, on place: Int, of index: PeerIndex, arena: inout PacketArena,
    at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    switch passage(of: text, on: place, to: index, at: now, into: &out) {
    case .whole:
      return sealRecord(text, on: place, of: index, arena: &arena, at: now, into: &out)
    case .tooBig(let mtu):
      tellTooBig(text, mtu, index, into: &out)
      return false
    case .fragments(let count, let size):
      let id = takeFragmentID(index)
      // Taken out, so that nothing else of this value is held while its bytes are read.
      var fragment = fragmentText
      fragmentText = []
      defer { fragmentText = fragment }
      for part in 0..<count {
        let start = part * size
        let end = min(start + size, text.byteCount)
        let header = FragmentHeader(id: id, offset: UInt16(start), total: UInt16(text.byteCount))
        fragment.withMutableRawSpan { span in
          header.encode(into: &span)
          span.copy(text.extracting(start..<end), to: FragmentHeader.byteCount)
        }
        let whole = fragment.rawSpan.extracting(0..<FragmentHeader.byteCount + end - start)
        guard sealRecord(whole, on: place, of: index, arena: &arena, at: now, into: &out)
        else { return false }
      }
      return true
    }
  }

  /// The plaintexts that a packet which waited leaves as: none where it is refused.
  mutating func plaintexts(
    of packet: [UInt8], on place: Int, to index: PeerIndex, at now: Timestamp,
    into out: inout TransmitOutput
  ) -> [[UInt8]] {
    guard packet.count > peers[index]?.path?.plaintextLimit ?? .max else { return [packet] }
    switch passage(of: packet.rawSpan, on: place, to: index, at: now, into: &out) {
    case .whole: return [packet]
    case .tooBig(let mtu):
      tellTooBig(packet.rawSpan, mtu, index, into: &out)
      return []
    case .fragments(_, let size):
      let id = takeFragmentID(index)
      return stride(from: 0, to: packet.count, by: size).map { start in
        let header = FragmentHeader(id: id, offset: UInt16(start), total: UInt16(packet.count))
        return header.bytes + packet[start..<min(start + size, packet.count)]
      }
    }
  }

  private mutating func takeFragmentID(_ index: PeerIndex) -> UInt16 {
    counters.fragmented += 1
    guard let id = peers[index]?.fragmentID else { return 0 }
    peers[index]?.fragmentID = id &+ 1
    return id
  }

  private mutating func tellTooBig(
    _ text: RawSpan, _ mtu: Int, _ index: PeerIndex, into out: inout TransmitOutput
  ) {
    counters.tooBig += 1
    let isChunk = text.bigEndian(UInt8.self, at: 0) == Frame.chunkMark
    let packet = text.extracting((isChunk ? 1 : 0)..<text.byteCount)
    refuse(packet, for: peers[index], because: .tooBig(mtu: mtu), into: &out)
  }

  // MARK: The search

  private mutating func tokens() -> PathMTUSearch.Tokens {
    PathMTUSearch.Tokens(probe: entropy.next(), companion: entropy.next())
  }

  /// Asks which sizes the way takes, unless that has been done.
  mutating func beginPathMTU(
    _ index: PeerIndex, _ place: Int, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard peers[index]?.path?.mtu?.isBegun == false else { return }
    let tokens = tokens()
    peers[index]?.path?.beginMTU(at: now, tokens)
    advancePathMTU(index, place, at: now, into: &out)
  }

  /// Records that are lost, or not answered, may be lost for their size.
  mutating func suspectPathMTU(
    _ index: PeerIndex, _ place: Int, at now: Timestamp, into out: inout TransmitOutput
  ) {
    guard peers[index]?.path?.mtu?.isBegun == true else { return }
    let tokens = tokens()
    peers[index]?.path?.suspectMTU(at: now, tokens)
    advancePathMTU(index, place, at: now, into: &out)
  }

  /// A report of records lost came.
  mutating func noteLosses(
    _ before: Feedback?, _ after: Feedback?, _ index: PeerIndex, _ place: Int, at now: Timestamp,
    into out: inout TransmitOutput
  ) {
    guard let after, before != after else { return }
    let lost = after.lost &- (before?.lost ?? 0)
    let received = after.received &- (before?.received ?? 0)
    guard lost >= 2, UInt64(lost) * 8 >= UInt64(received) else { return }
    suspectPathMTU(index, place, at: now, into: &out)
  }

  /// A RESPONSE came. Whether it was to a question after sizes.
  mutating func returnedPathMTU(
    _ token: UInt64, of index: PeerIndex, at now: Timestamp, into out: inout TransmitOutput
  ) -> Bool {
    guard peers[index]?.path?.mtu?.probe != nil else { return false }
    let tokens = tokens()
    guard peers[index]?.path?.answeredMTU(token, at: now, tokens) == true else { return false }
    if let id = peers[index]?.sending, let place = sessions.place(of: id) {
      sessions[place].withdrawExcuse()
      advancePathMTU(index, place, at: now, into: &out)
    }
    return true
  }

  /// This host's own kernel refused a datagram of `byteCount` to `endpoint` as too long.
  public mutating func refused(
    _ byteCount: Int, to endpoint: Endpoint, at now: Timestamp, into out: inout TransmitOutput
  ) {
    for index in peers.indices {
      guard let id = peers[index]?.sending, let place = sessions.place(of: id),
        let current = peers[index]?.path?.current, let hop = hop(to: current),
        hop.endpoint == endpoint
      else { continue }
      let tokens = tokens()
      peers[index]?.path?.refusedMTU(byteCount - hop.prefixByteCount, at: now, tokens)
      advancePathMTU(index, place, at: now, into: &out)
    }
  }

  /// Sends the probe that is due.
  mutating func advancePathMTU(
    _ index: PeerIndex, _ place: Int, at now: Timestamp, into out: inout TransmitOutput
  ) {
    defer { scheduleWake(peers[index]?.path?.mtuDeadline) }
    guard let deadline = peers[index]?.path?.mtuDeadline, deadline <= now else { return }
    let tokens = tokens()
    let smoothed = sessions[place].roundTrip.smoothed
    guard let probe = peers[index]?.path?.advanceMTU(to: now, smoothed: smoothed, tokens),
      let endpoint = peers[index]?.path?.current
    else { return }
    let id = sessions.id(at: place)
    sessions[place].excuseLoss(at: now)
    var frames: [UInt8] = []
    Frame.challenge(probe.tokens.probe).append(to: &frames)
    Frame.pad(&frames, to: probe.size - PeerPath.recordOverhead)
    sendRecord(frames, on: id, to: endpoint, at: now, into: &out)
    // Behind it, so that an answer to this one says that the other should have come.
    sendChallenge(probe.tokens.companion, to: endpoint, on: id, at: now, into: &out)
  }
}
