/// ada — one = two — bob: two routers, whose cable may take less than those of the ends.
struct RoutedLine {
  let ada: Host
  let bob: Host
  private let one: Host
  private let two: Host

  init(in lab: Lab) throws {
    ada = Host(lab: lab, name: "ada", underlay: "10.91.0.2")
    one = Host(lab: lab, name: "one", underlay: "10.91.0.1")
    two = Host(lab: lab, name: "two", underlay: "10.92.0.1")
    bob = Host(lab: lab, name: "bob", underlay: "10.92.0.2")
    for host in [ada, one, two, bob] {
      try lab.expect("ip", "netns", "add", host.namespace)
      try host.expect("ip", "link", "set", "dev", "lo", "up")
      try host.expect("sysctl", "-q", "-w", "net.ipv4.ip_forward=1")
    }
    for (left, right, net) in [(ada, one, 91), (one, two, 90), (two, bob, 92)] {
      let names = (right.name == "one" ? "eth0" : "right", right.name == "bob" ? "eth0" : "left")
      try lab.expect(
        "ip", "link", "add", "dev", names.0, "netns", left.namespace, "type", "veth", "peer",
        "name",
        names.1, "netns", right.namespace)
      // Those of ada and bob are the second ones of their nets, the routers' the first.
      let isBobs = right.name == "bob"
      for (host, device, number) in [
        (left, names.0, right.name == "one" ? 2 : 1), (right, names.1, isBobs || net == 90 ? 2 : 1),
      ] {
        try host.expect("ip", "address", "add", "10.\(net).0.\(number)/24", "dev", device)
        try host.expect("ip", "link", "set", "dev", device, "up")
      }
    }
    try ada.expect("ip", "route", "add", "default", "via", "10.91.0.1")
    try one.expect("ip", "route", "add", "10.92.0.0/24", "via", "10.90.0.2")
    try two.expect("ip", "route", "add", "10.91.0.0/24", "via", "10.90.0.1")
    try bob.expect("ip", "route", "add", "default", "via", "10.92.0.1")
  }

  /// - Parameter mtu: bytes of the longest IP packets between the routers.
  func set(mtu: Int) throws {
    try one.expect("ip", "link", "set", "dev", "right", "mtu", "\(mtu)")
    try two.expect("ip", "link", "set", "dev", "left", "mtu", "\(mtu)")
  }

  /// The routers say nothing of packets that they cannot pass on.
  func silenceErrors() throws {
    for router in [one, two] {
      try router.expect(
        "nft",
        """
        table inet mute { chain output { type filter hook output priority 0; \
          icmp type destination-unreachable drop; }; }
        """)
    }
  }
}
