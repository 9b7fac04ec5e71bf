import IPv8Platform
import IPv8Records
import IPv8Traversal
import IPv8Wire

/// This host's own addresses and routes beside those of the overlay.
struct Surroundings: ~Copyable {
  private var netlink: Netlink
  private let tun: InterfaceIndex
  private(set) var addresses: [InterfaceAddress] = []
  private(set) var routes: [Route] = []
  private var links: [Link] = []
  private var seen = false

  /// - Parameter tun: the overlay's interface, which is left out.
  init(tun: InterfaceIndex) throws(SystemError) {
    netlink = try Netlink()
    self.tun = tun
  }

  enum Change {
    /// Not of what leads beyond a link.
    case local
    case ways
  }

  /// Reads all anew. In what they differ from the last reading, if they do; the first one does.
  mutating func refresh() throws(SystemError) -> Change? {
    let tun = tun
    let addresses = try netlink.addresses().filter { $0.interface != tun }
    let routes = try netlink.routes().filter { $0.interface != tun }
    let links = try netlink.links().filter { $0.interface != tun }
    guard
      !seen || addresses != self.addresses || routes != self.routes || links != self.links
    else { return nil }
    let change: Change =
      seen && WaysOut(addresses, routes) == WaysOut(self.addresses, self.routes) ? .local : .ways
    seen = true
    self.addresses = addresses
    self.routes = routes
    self.links = links
    return change
  }

  /// The endpoints that this host's record names by itself: for each family a global address before
  /// a private one, a lasting one before a temporary one, an interface with a default route before
  /// others.
  func endpoints(port: UInt16) -> (v4: Endpoint?, v6: Endpoint?) {
    let defaults = Set(routes.filter(\.isDefault).compactMap(\.interface))
    func rank(_ address: InterfaceAddress) -> Int {
      (Endpoint(address.address, port: port).isGlobal ? 4 : 0)
        + (defaults.contains(address.interface) ? 2 : 0) + (address.isTemporary ? 0 : 1)
    }
    func best(_ isFamily: (IPAddress) -> Bool) -> Endpoint? {
      let usable = addresses.filter { address in
        isFamily(address.address) && !address.isUnusable && address.scope != .link
          && address.scope != .host && Endpoint(address.address, port: port).isUsable
      }
      // The first of equals, so that the choice is stable.
      let top = usable.map(rank).max()
      return usable.first { rank($0) == top }.map { Endpoint($0.address, port: port) }
    }
    return (
      best { if case .v4 = $0 { true } else { false } },
      best { if case .v6 = $0 { true } else { false } }
    )
  }

  /// What others must know of this host's place: its endpoints and routers.
  func localNetwork(port: UInt16) -> LocalNetwork {
    let best = endpoints(port: port)
    let usable = addresses.filter {
      !$0.isUnusable && $0.scope != .link && $0.scope != .host
        && Endpoint($0.address, port: port).isUsable
    }
    let all = [best.v4, best.v6].compactMap { $0 }
    let others = usable.map { Endpoint($0.address, port: port) }.filter { !all.contains($0) }
    var network = LocalNetwork(endpoints: all + others)
    for family in AddressFamily.allCases {
      let route = defaultRoute(family)
      let source = usable.first {
        $0.interface == route?.interface && $0.address.family == family
      }
      let endpoint = source.map { Endpoint($0.address, port: port) }
      switch family {
      case .v4: network.endpoint4 = endpoint ?? best.v4
      case .v6: network.endpoint6 = endpoint ?? best.v6
      }
      switch route?.gateway {
      case .v4(let gateway): network.gateway4 = gateway
      case .v6(let gateway): network.gateway6 = gateway
      case nil: break
      }
    }
    return network
  }

  /// Whether packets to the internet have a way by `family`. A VPN may split its default route in two,
  /// so that it goes before the one that is there.
  func leadsOut(by family: AddressFamily) -> Bool {
    routes.contains { $0.destination.family == family && $0.destination.length <= 1 }
  }

  private func defaultRoute(_ family: AddressFamily) -> Route? {
    routes.filter { $0.isDefault && $0.destination.family == family }.min { $0.metric < $1.metric }
  }

  /// What tells this network from others: the router's hardware address, where it is known by now;
  /// else its address and ours. Nil without a router.
  mutating func identity(of network: LocalNetwork) -> NetworkIdentity? {
    let gateways = [network.gateway4.map(IPAddress.v4), network.gateway6.map(IPAddress.v6)]
      .compactMap { $0 }
    guard let gateway = gateways.first else { return nil }
    // What netlink refuses is not known.
    let known = (try? netlink.neighbours()) ?? []
    let hardware = known.first { $0.address == gateway }?.hardwareAddress
    var bytes: [UInt8] = []
    bytes.append(bigEndian: gateway.mapped)
    bytes += hardware ?? []
    let own = gateway.family == .v4 ? network.endpoint4 : network.endpoint6
    if hardware == nil, let own {
      bytes.append(bigEndian: own.address.mapped)
    }
    return NetworkIdentity(bytes)
  }

  /// The networks whose hosts can be spoken to all at once.
  var localNetworks: [LANNetwork] {
    let broadcasting = Set(
      links.filter { $0.isBroadcast && $0.isUp && !$0.isLoopback }.map(\.interface))
    var networks: [LANNetwork] = []
    for address in addresses where broadcasting.contains(address.interface) && !address.isUnusable {
      let network: LANNetwork? =
        switch address.address {
        case .v4(let own): LANNetwork(own, prefixLength: address.prefixLength)
        case .v6(let own):
          IPAddress.v6(own).reach == .link ? .v6(scope: address.interface.value) : nil
        }
      if let network, !networks.contains(network) { networks.append(network) }
    }
    return networks
  }

  /// The IPv4 networks that the underlay uses, the default route left out.
  var networks4: [IPv4Prefix] {
    let routed: [IPv4Prefix] = routes.compactMap {
      if case .v4(let prefix) = $0.destination, prefix.length > 0 { prefix } else { nil }
    }
    let own: [IPv4Prefix] = addresses.compactMap {
      if case .v4(let address) = $0.address {
        IPv4Prefix(containing: address, length: $0.prefixLength)
      } else {
        nil
      }
    }
    return routed + own
  }

  /// Whether the underlay itself uses addresses of the overlay's IPv6 prefix.
  var usesOverlayPrefix: Bool {
    let routed = routes.contains {
      if case .v6(let prefix) = $0.destination {
        prefix.length > 0 && prefix.overlaps(OverlayAddress.prefix)
      } else {
        false
      }
    }
    return routed
      || addresses.contains {
        if case .v6(let address) = $0.address {
          OverlayAddress.prefix.contains(address)
        } else {
          false
        }
      }
  }
}

extension IPPrefix {
  fileprivate var family: AddressFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }
}

extension Route {
  var isDefault: Bool { destination.length == 0 }
}
