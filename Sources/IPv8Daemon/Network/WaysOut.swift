import IPv8Platform
import IPv8Wire

/// By which addresses and routes this host reaches hosts beyond its links. What else changes around it,
/// an interface of a container or the test of a link-local address, leaves the paths to peers as they are.
struct WaysOut: Equatable {
  private let addresses: Set<InterfaceAddress>
  private let routes: Set<Route>

  init(_ addresses: [InterfaceAddress], _ routes: [Route]) {
    self.addresses = Set(
      addresses.filter { !$0.isUnusable && ![.none, .link].contains($0.address.reach) })
    self.routes = Set(routes.filter { $0.destination.address.reach != .link })
  }
}
