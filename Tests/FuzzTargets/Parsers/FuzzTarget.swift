/// The parsers that see bytes of the network or of files, one target each: any bytes in, no trap,
/// and what was accepted must hold together.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case datagram
  case payloads
  case frames
  case binding
  case relation
  case introduction
  case packet
  case stun
  case lan
  case stream
  case portControl
  case upnp
  case text
  case netlink
  case identity
  case configuration
  case control
  case sync
  case syncSession
  case contacts
  case proofs
  case publishedKeys
  case query
  case directory

  public func run(_ bytes: [UInt8]) {
    switch self {
    case .datagram: P2TPFuzz.datagram(bytes)
    case .payloads: P2TPFuzz.payloads(bytes)
    case .frames: P2TPFuzz.frames(bytes)
    case .binding: RecordFuzz.binding(bytes)
    case .relation: RecordFuzz.relation(bytes)
    case .introduction: IntroductionFuzz.frame(bytes)
    case .packet: PacketFuzz.packet(bytes)
    case .stun: STUNFuzz.message(bytes)
    case .lan: LANFuzz.announcement(bytes)
    case .stream: StreamFuzz.link(bytes)
    case .portControl: PortMappingFuzz.portControl(bytes)
    case .upnp: PortMappingFuzz.upnp(bytes)
    case .text: TextFuzz.text(bytes)
    case .netlink: PlatformFuzz.netlink(bytes)
    case .identity: FileFuzz.identity(bytes)
    case .configuration: FileFuzz.configuration(bytes)
    case .control: FileFuzz.control(bytes)
    case .sync: SyncFuzz.message(bytes)
    case .syncSession: SyncFuzz.session(bytes)
    case .contacts: SocialFuzz.contacts(bytes)
    case .proofs: SocialFuzz.proofs(bytes)
    case .publishedKeys: SocialFuzz.publishedKeys(bytes)
    case .query: DirectoryFuzz.query(bytes)
    case .directory: DirectoryFuzz.frames(bytes)
    }
  }
}
