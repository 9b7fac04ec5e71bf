import IPv8Simulator
import IPv8Wire
import Testing

/// docs/protocol/traversal.md, "Mapping lifetime": *absolute*.
@Suite("A NAT that ends a mapping at an age, however busy it is")
struct MappingEndSimulation {
  @Test(
    "costs those who speak a round trip each time, and 3 s where the peer's filter must open first",
    arguments: [(ReachSide.open, 300), (.fullCone, 300), (.portRestricted, 3_000)])
  func rotates(peer: ReachSide, milliseconds: Int) {
    var behaviour = NATBehaviour(.nothing, .addressAndPort, .random)
    behaviour.absolute = .seconds(60)
    let side = ReachSide(
      "forgetful", behaviour, .endpointIndependent, .addressAndPortDependent)
    let world = ReachWorld([side, peer], seed: 1)
    world.talk(for: .seconds(10))
    #expect(world.isDirect)
    for host in world.sides { host.host.forgetDelivered() }
    let rounds = 3_000
    world.talk(for: .milliseconds(Int64(rounds) * 100))
    // Five mappings come to their end.
    for host in world.sides {
      let lost = rounds - host.host.delivered.count
      print("\(peer.name): \(lost) of \(rounds) lost")
      #expect(lost <= 5 * milliseconds / 100)
    }
  }
}
