import IPv8Store
import IPv8Traversal
import IPv8Wire

extension StoredNetwork {
  init(_ entry: LifetimeCache.Entry) {
    func bounds(_ bounds: LifetimeBounds?) -> Bounds? {
      bounds.map { Bounds(alive: $0.alive, dead: $0.dead) }
    }
    self.init(
      identity: entry.network.bytes, measured: entry.measured,
      unreplied: bounds(entry.lifetimes.unreplied),
      established: bounds(entry.lifetimes.established),
      absolute: entry.lifetimes.absolute.map { $0.milliseconds / 1_000 })
  }

  var entry: LifetimeCache.Entry {
    func bounds(_ bounds: Bounds?) -> LifetimeBounds? {
      bounds.map { LifetimeBounds(alive: $0.alive, dead: $0.dead) }
    }
    return LifetimeCache.Entry(
      network: NetworkIdentity(identity), measured: measured,
      lifetimes: MeasuredLifetimes(
        unreplied: bounds(unreplied), established: bounds(established),
        absolute: absolute.map { .seconds($0) }))
  }
}
