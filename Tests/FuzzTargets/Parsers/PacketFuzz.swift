import IPv8DataPlane
import IPv8Wire

enum PacketFuzz {
  static func packet(_ bytes: [UInt8]) {
    let source4 = IPAddress.v4(IPv4Address(0x6440_0001))
    let source6 = IPAddress.v6(IPv6Address(0xfde8 << 112 | 1))
    for source in [source4, source6] {
      for reason in [ICMPError.Reason.unreachable, .tooBig(mtu: 1280)] {
        guard let error = ICMPError.message(reason, about: bytes.rawSpan, from: source) else {
          continue
        }
        precondition(IPPacket(error.rawSpan) != nil, "an error is an IP packet")
        precondition(
          ICMPError.message(reason, about: error.rawSpan, from: source) == nil,
          "no error about an error")
      }
    }
    guard case .v4(let header)? = IPPacket(bytes.rawSpan) else { return }
    let translation = AliasTranslation(
      source: (header.source, IPv4Address(0x6440_0002)),
      destination: (header.destination, IPv4Address(0x6440_0003)))
    var copy = bytes
    copy.withMutableRawSpan { translation.apply(to: &$0, header) }
    guard let after = IPv4Header(copy.rawSpan) else {
      preconditionFailure("a translated packet is an IP packet")
    }
    precondition(
      after.source == translation.sourceTo && after.destination == translation.destinationTo,
      "the addresses are the new ones")
  }
}
