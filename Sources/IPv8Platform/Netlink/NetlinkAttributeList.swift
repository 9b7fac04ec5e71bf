/// Attributes as a request carries them; ``NetlinkAttributes`` reads them. A list may be the
/// payload of an attribute itself.
struct NetlinkAttributeList {
  private(set) var bytes: [UInt8] = []

  mutating func append(_ type: Int, _ payload: [UInt8]) {
    bytes += native(UInt16(4 + payload.count)) + native(UInt16(type)) + payload
    bytes.append(contentsOf: repeatElement(0, count: aligned(bytes.count) - bytes.count))
  }
}
