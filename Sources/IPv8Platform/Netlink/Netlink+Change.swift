import CIPv8Linux
import Glibc
import IPv8Wire

extension Netlink {
  private static var creating: Int32 { NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL }

  /// Gives `interface` an address, without duplicate detection; no error if it has it.
  ///
  /// It can be bound at once. Packets for an IPv6 address are taken once a work queue of the kernel
  /// has run, some milliseconds later, which ``NetworkMonitor`` reports.
  public mutating func addAddress(
    _ address: IPAddress, prefixLength: Int, to interface: InterfaceIndex
  ) throws(SystemError) {
    precondition((0...address.bitWidth).contains(prefixLength), "a prefix length of its family")
    var request = NetlinkRequest.address(
      type: RTM_NEWADDR, flags: Self.creating, address, prefixLength: prefixLength,
      interface: interface)
    // Else an IPv6 address could not be used for the first second (RFC 4862 §5.4).
    request.attribute(IFA_FLAGS, native(UInt32(IFA_F_NODAD)))
    try perform(request, harmless: EEXIST)
  }

  /// Takes an address from `interface`; no error if it does not have it.
  public mutating func removeAddress(
    _ address: IPAddress, prefixLength: Int, from interface: InterfaceIndex
  ) throws(SystemError) {
    precondition((0...address.bitWidth).contains(prefixLength), "a prefix length of its family")
    let request = NetlinkRequest.address(
      type: RTM_DELADDR, flags: NLM_F_ACK, address, prefixLength: prefixLength,
      interface: interface)
    try perform(request, harmless: EADDRNOTAVAIL)
  }

  /// Routes `prefix` to `interface`; no error if it is already.
  ///
  /// - Parameter metric: nil for the family's default.
  /// - Throws: EEXIST when a route of this prefix and metric leads elsewhere; it is left alone.
  public mutating func addRoute(
    to prefix: IPPrefix, through interface: InterfaceIndex, metric: UInt32? = nil
  ) throws(SystemError) {
    let request = NetlinkRequest.route(
      type: RTM_NEWROUTE, flags: Self.creating, prefix, interface: interface, metric: metric)
    do {
      try perform(request)
    } catch {
      guard error.errno == EEXIST else { throw error }
      let ours = try routes().contains {
        $0.destination == prefix && $0.interface == interface && $0.gateway == nil
          && (metric == nil || $0.metric == metric)
      }
      if !ours { throw error }
    }
  }

  /// Takes the route of `prefix` to `interface` away; no error if there is none.
  public mutating func removeRoute(
    to prefix: IPPrefix, through interface: InterfaceIndex, metric: UInt32? = nil
  ) throws(SystemError) {
    let request = NetlinkRequest.route(
      type: RTM_DELROUTE, flags: NLM_F_ACK, prefix, interface: interface, metric: metric)
    try perform(request, harmless: ESRCH)
  }

  /// - Parameter mtu: bytes.
  public mutating func setMTU(_ mtu: Int, of interface: InterfaceIndex) throws(SystemError) {
    var request = NetlinkRequest.link(interface)
    request.attribute(IFLA_MTU, native(UInt32(clamping: mtu)))
    try perform(request)
  }

  /// - Parameter length: packets that wait at most for the reader of a TUN device.
  public mutating func setTransmitQueueLength(
    _ length: Int, of interface: InterfaceIndex
  ) throws(SystemError) {
    var request = NetlinkRequest.link(interface)
    request.attribute(IFLA_TXQLEN, native(UInt32(clamping: length)))
    try perform(request)
  }

  /// Limits the packets that the kernel hands over to be segmented.
  ///
  /// - Parameter size: bytes, headers included.
  /// - Returns: false where the kernel takes no such limit for it.
  public mutating func setLargestSuperPacket(
    _ size: Int, of interface: InterfaceIndex
  ) throws(SystemError) -> Bool {
    var request = NetlinkRequest.link(interface)
    request.attribute(IFLA_GSO_MAX_SIZE, native(UInt32(clamping: size)))
    do {
      try perform(request)
      return true
    } catch {
      guard [EINVAL, EOPNOTSUPP].contains(error.errno) else { throw error }
      return false
    }
  }

  public mutating func setUp(
    _ interface: InterfaceIndex, _ up: Bool = true
  ) throws(SystemError) {
    let flag = UInt32(IFF_UP)
    try perform(NetlinkRequest.link(interface, flags: up ? flag : 0, changing: flag))
  }

  /// Keeps the kernel from giving `interface` a link-local address of its own when it goes up.
  ///
  /// - Returns: false where the kernel does not do it, as without IPv6.
  public mutating func disableLinkLocalAddress(
    of interface: InterfaceIndex
  ) throws(SystemError) -> Bool {
    var mode = NetlinkAttributeList()
    mode.append(IFLA_INET6_ADDR_GEN_MODE, [UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)])
    var families = NetlinkAttributeList()
    families.append(Int(AF_INET6), mode.bytes)
    var request = NetlinkRequest.link(interface)
    request.attribute(IFLA_AF_SPEC, families.bytes)
    do {
      try perform(request)
      return true
    } catch {
      guard [EAFNOSUPPORT, EOPNOTSUPP, EINVAL].contains(error.errno) else { throw error }
      return false
    }
  }
}
