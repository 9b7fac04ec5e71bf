import IPv8Crypto
import IPv8DataPlane
import IPv8Wire
import P2TP
import Testing

@Suite("The route of the packet before")
struct RecentRouteTests {
  private static let now = Timestamp(nanoseconds: 1_000_000_000)

  private static func address(_ number: UInt128) -> OverlayAddress {
    guard let address = OverlayAddress(IPv6Address(0xfde8 << 112 | number)) else {
      preconditionFailure("an overlay address")
    }
    return address
  }

  private static func contact(_ number: UInt32) -> LanePeer {
    LanePeer(
      address: address(UInt128(number)), alias: nil, wireAlias: IPv4Address(number),
      keepOpen: false)
  }

  private static func transmitter() -> Transmitter {
    let seed = [UInt8](repeating: 1, count: 32)
    return Transmitter(
      address: address(100), alias: nil, wireAlias: IPv4Address(100),
      entropy: Entropy(seed: SecretBytes(copying: seed.rawSpan)))
  }

  /// Sends a packet to contact `number`; the index that a session is wanted for, if any.
  private static func send(to number: UInt128, through transmitter: inout Transmitter)
    -> PeerIndex?
  {
    var packet: [UInt8] = [0x60, 0, 0, 0, 0, 0, 59, 64]
    packet.append(bigEndian: address(100).value)
    packet.append(bigEndian: address(number).value)
    let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: packet.count)
    var slab = PacketSlab(slotCount: 1, slotSize: 256)
    var room = slab[range]
    room.copy(packet.rawSpan, to: 0)
    var arena = PacketArena(capacity: 1024)
    var out = TransmitOutput()
    transmitter.transmit([range], slab: &slab, arena: &arena, at: now, into: &out)
    guard case .wanted(let index)? = out.events.first else { return nil }
    return index
  }

  @Test("serves the same destination only, and ends when the contact goes or changes its place")
  func ends() {
    var transmitter = Self.transmitter()
    for number in 1...2 as ClosedRange<UInt32> {
      transmitter.setPeer(PeerIndex(Int(number)), Self.contact(number))
    }
    let order: [UInt128] = [1, 1, 2, 2, 1, 3, 1, 2]
    for number in order {
      let index = number == 3 ? nil : PeerIndex(Int(number))
      #expect(Self.send(to: number, through: &transmitter) == index)
    }
    transmitter.removePeer(PeerIndex(2))
    #expect(Self.send(to: 2, through: &transmitter) == nil)
    #expect(Self.send(to: 1, through: &transmitter) == PeerIndex(1))
    transmitter.setPeer(PeerIndex(7), Self.contact(1))
    #expect(Self.send(to: 1, through: &transmitter) == PeerIndex(7))
    let unknown = transmitter.counters.unknownPeer
    #expect(unknown == 2)
  }
}
