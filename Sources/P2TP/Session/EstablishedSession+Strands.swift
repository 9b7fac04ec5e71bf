import IPv8Crypto
import IPv8Wire

extension EstablishedSession {
  /// How many strands a session has between peers with these numbers of lanes: every lane of either
  /// has one to send on.
  public static func strandCount(lanes: Int, peerLanes: Int) -> Int { max(lanes, peerLanes) }

  /// Strand `index` of this session: keys and counters of its own, so that each lane seals and opens
  /// without sharing anything with others. Strand 0 is the session as the handshake made it.
  public func strand(_ index: Int) -> EstablishedSession {
    guard index > 0 else { return self }
    return EstablishedSession(
      localID: localID.strand(index), remoteID: remoteID.strand(index), role: role, suite: suite,
      peerCapabilities: peerCapabilities, sendKey: Self.key(sendKey, ofStrand: index),
      receiveKey: Self.key(receiveKey, ofStrand: index), establishedAt: establishedAt,
      endpoint: endpoint, returnCookie: nil, issuedCookies: [], clockOffset: clockOffset,
      roundTrip: roundTrip, peerBinding: nil, handshakeTime: nil)
  }

  private static func key(_ key: SecretBytes, ofStrand index: Int) -> SecretBytes {
    let label = [UInt8]("ipv8 strand".utf8) + [UInt8(index)]
    let derived = BLAKE2b.hash(label, count: AEADSuite.keyByteCount, key: key)
    return SecretBytes(copying: derived.rawSpan)
  }
}
