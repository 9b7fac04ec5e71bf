import IPv8Wire

@testable import IPv8Platform

// The macros of Swift Testing do not take spans: these take and give arrays.

func parsedMessage(_ bytes: [UInt8]) -> NetlinkMessage? { NetlinkMessage(bytes.rawSpan, at: 0) }

func offloadHeader(_ bytes: [UInt8]) -> OffloadHeader? {
  bytes.count < OffloadHeader.byteCount ? nil : OffloadHeader(bytes.rawSpan)
}

/// The bytes of `range`.
func content(of range: PacketRange, in slab: inout PacketSlab) -> [UInt8] {
  let span = slab[range]
  return span.bytes.copyBytes()
}
