import CIPv8Linux
import Glibc
import IPv8Wire

/// One rtnetlink request; see ``NetlinkMessage`` for its layout.
struct NetlinkRequest {
  private let type: Int
  private let flags: Int32
  private let fixed: [UInt8]
  private var attributes = NetlinkAttributeList()

  /// - Parameters:
  ///   - flags: NLM_F_* beyond NLM_F_REQUEST.
  ///   - fixed: the structure that precedes the attributes of this type of message.
  init(type: Int, flags: Int32, fixed: [UInt8]) {
    precondition(fixed.count == aligned(fixed.count), "attributes are aligned")
    self.type = type
    self.flags = flags
    self.fixed = fixed
  }

  /// `ifaddrmsg`: family, prefix length, flags, scope, interface.
  static func address(
    type: Int, flags: Int32, _ address: IPAddress, prefixLength: Int, interface: InterfaceIndex
  ) -> NetlinkRequest {
    let fixed = [UInt8(address.family), UInt8(prefixLength), 0, 0] + native(interface.value)
    var request = NetlinkRequest(type: type, flags: flags, fixed: fixed)
    request.attribute(IFA_LOCAL, address.bytes)
    request.attribute(IFA_ADDRESS, address.bytes)
    return request
  }

  /// `rtmsg`: family, destination length, source length, TOS, table, protocol, scope, type, flags.
  static func route(
    type: Int, flags: Int32, _ prefix: IPPrefix, interface: InterfaceIndex, metric: UInt32?
  ) -> NetlinkRequest {
    let family = prefix.address.family
    // The kernel wants link scope for an IPv4 route without gateway, and ignores it for IPv6.
    let scope = UInt8(RT_SCOPE_LINK.rawValue)
    let fixed = [
      UInt8(family), UInt8(prefix.length), 0, 0, UInt8(RT_TABLE_MAIN.rawValue),
      UInt8(RTPROT_STATIC), scope, UInt8(RTN_UNICAST), 0, 0, 0, 0,
    ]
    var request = NetlinkRequest(type: type, flags: flags, fixed: fixed)
    request.attribute(Int(RTA_DST.rawValue), prefix.address.bytes)
    request.attribute(Int(RTA_OIF.rawValue), native(interface.value))
    if let metric { request.attribute(Int(RTA_PRIORITY.rawValue), native(metric)) }
    return request
  }

  /// `ifinfomsg`: family, padding, 16-bit type, interface, flags, mask of the flags to change.
  static func link(
    _ interface: InterfaceIndex, flags: UInt32 = 0, changing mask: UInt32 = 0
  ) -> NetlinkRequest {
    let fixed = [0, 0, 0, 0] + native(interface.value) + native(flags) + native(mask)
    return NetlinkRequest(type: RTM_NEWLINK, flags: NLM_F_ACK, fixed: fixed)
  }

  mutating func attribute(_ type: Int, _ payload: [UInt8]) { attributes.append(type, payload) }

  /// The finished message.
  func encoded(sequence: UInt32) -> [UInt8] {
    let body = fixed + attributes.bytes
    let length = UInt32(NetlinkMessage.headerSize + body.count)
    return native(length) + native(UInt16(type)) + native(UInt16(NLM_F_REQUEST | flags))
      + native(sequence) + native(UInt32(0)) + body
  }
}

/// The bytes of `value` in the machine's order.
func native<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  var bytes: [UInt8] = []
  // Appending the byte-swapped value most significant byte first yields the order in memory.
  bytes.append(bigEndian: T(bigEndian: value))
  return bytes
}
