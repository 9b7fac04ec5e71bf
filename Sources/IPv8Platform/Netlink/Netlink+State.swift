import CIPv8Linux
import IPv8Wire

extension Netlink {
  /// The addresses of all interfaces, both families.
  public mutating func addresses() throws(SystemError) -> [InterfaceAddress] {
    try dump(RTM_GETADDR, answer: RTM_NEWADDR, fixedSize: 8, NetlinkParser.address)
  }

  /// The unicast routes of the main table, both families.
  public mutating func routes() throws(SystemError) -> [Route] {
    try dump(RTM_GETROUTE, answer: RTM_NEWROUTE, fixedSize: 12, NetlinkParser.route)
  }

  /// All interfaces.
  public mutating func links() throws(SystemError) -> [Link] {
    try dump(RTM_GETLINK, answer: RTM_NEWLINK, fixedSize: 16, NetlinkParser.link)
  }

  /// The hardware addresses of hosts on the same links, as far as the kernel knows them now.
  public mutating func neighbours() throws(SystemError) -> [Neighbour] {
    try dump(RTM_GETNEIGH, answer: RTM_NEWNEIGH, fixedSize: 12, NetlinkParser.neighbour)
  }
}
