import Foundation

extension Host {
  /// A machine behind this one, on a cable `device` of its own: 10.NET.0.2 and fdNET::2, this host
  /// being .1 and ::1, its router. Nothing is translated yet.
  func attach(_ name: String, device: String, net: Int) throws -> Host {
    let other = Host(lab: lab, name: name, underlay: "10.\(net).0.2")
    try lab.expect("ip", "netns", "add", other.namespace)
    try lab.expect(
      "ip", "link", "add", "dev", device, "netns", namespace, "type", "veth", "peer", "name",
      "eth0", "netns", other.namespace)
    for (end, device, number) in [(self, device, "1"), (other, "eth0", "2")] {
      try end.expect("ip", "link", "set", "dev", "lo", "up")
      try end.expect("ip", "address", "add", "10.\(net).0.\(number)/24", "dev", device)
      try end.expect("ip", "address", "add", "fd\(net)::\(number)/64", "dev", device, "nodad")
      try end.expect("ip", "link", "set", "dev", device, "up")
    }
    try other.expect("ip", "route", "add", "default", "via", "10.\(net).0.1")
    try other.expect("ip", "-6", "route", "add", "default", "via", "fd\(net)::1")
    try expect("sysctl", "-q", "-w", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
    return other
  }

  /// Sends what comes by the overlay for this host on to `other`, which ``attach`` made in `net`.
  func forwardOverlay(to net: Int) throws {
    // Packets out of nowhere belong to a connection, too.
    try expect("sysctl", "-q", "-w", "net.netfilter.nf_conntrack_tcp_be_liberal=1")
    try expect(
      "nft",
      """
      table inet away { chain prerouting { type nat hook prerouting priority dstnat;
        iifname "\(Peer.interface)" meta nfproto ipv4 dnat ip to 10.\(net).0.2
        iifname "\(Peer.interface)" meta nfproto ipv6 dnat ip6 to fd\(net)::2; }; }
      """)
  }

  /// Hides what is behind this host under its own addresses on the overlay.
  func hideBehindOverlay() throws {
    try expect(
      "nft",
      """
      table inet hide { chain postrouting { type nat hook postrouting priority srcnat;
        oifname "\(Peer.interface)" masquerade; }; }
      """)
  }
}
