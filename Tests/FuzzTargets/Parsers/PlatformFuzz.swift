import IPv8Platform
import IPv8Wire

enum PlatformFuzz {
  static func netlink(_ bytes: [UInt8]) {
    _ = NetlinkParser.address(bytes.rawSpan)
    _ = NetlinkParser.route(bytes.rawSpan)
    _ = NetlinkParser.link(bytes.rawSpan)
    _ = NetlinkParser.neighbour(bytes.rawSpan)
  }
}
