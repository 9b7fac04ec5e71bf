import IPv8Crypto
import IPv8DataPlane
import IPv8Node
import IPv8Wire
import P2TP

/// One peer as the daemon glues it: a node and a lane, their outputs carried out in order.
///
/// What the store would keep survives ``restart(seed:at:)``; all else is lost with the process.
public final class SimulatedHost {
  /// Datagrams that one call takes; more come in further calls.
  static let batchLimit = 64
  static let slotSize = 2048 + PacketSlab.headroom + PacketSlab.tailroom

  public let identity: IdentityKey
  public let address: OverlayAddress
  public let alias: IPv4Address
  public let aeadOffer: AEADOffer
  public internal(set) var endpoint: Endpoint
  public var node: Node
  public var lane: Lane

  /// What the store holds, in the order in which the user added it.
  public internal(set) var contacts: [Contact] = []
  /// Packets that reached this host's TUN from peers.
  public private(set) var delivered: [[UInt8]] = []
  /// Packets that this host's own lane gave to its TUN.
  public private(set) var replies: [[UInt8]] = []
  public internal(set) var notes: [StoreNote] = []
  public private(set) var events: [TransmitEvent] = []
  /// Broken promises of the cores, found in passing; a test expects none.
  public private(set) var faults: [String] = []
  /// Who is asked about peers that the user did not add; nil for nobody.
  public var oracle: SimulatedOracle?

  /// Extra sockets and their remote endpoints.
  public private(set) var sockets: [UInt32: Endpoint] = [:]

  private var slab = PacketSlab(slotCount: batchLimit, slotSize: slotSize)
  private var sealed = PacketArena(capacity: 4 * slotSize)
  private var opened = PacketArena(capacity: 2 * batchLimit * slotSize)
  var output = LaneOutput()

  /// - Parameter seed: for identity and entropy.
  init(seed: UInt64, endpoint: Endpoint, aeadOffer: AEADOffer) {
    var entropy = Self.entropy(seed)
    identity = IdentityKey(seed: entropy.secret(32))
    address = OverlayAddress(of: identity.permID)
    alias = AliasRange.wireAlias(of: identity.permID)
    self.endpoint = endpoint
    self.aeadOffer = aeadOffer
    node = Node(
      identity: identity, entropy: Self.entropy(seed &+ 1), aeadOffer: aeadOffer, inquires: true)
    lane = Lane(
      address: address, alias: alias, wireAlias: alias, entropy: Self.entropy(seed &+ 2),
      asksForUnknown: true)
  }

  public var permID: PermID { identity.permID }

  static func entropy(_ seed: UInt64) -> Entropy {
    var random = SeededRandom(seed: seed)
    var bytes: [UInt8] = []
    for _ in 0..<4 { bytes.append(bigEndian: random.next()) }
    return Entropy(seed: SecretBytes(copying: bytes.rawSpan))
  }

  // MARK: Contacts

  public func add(_ contact: Contact, at now: Moment, _ network: inout SimulatedNetwork) {
    contacts.removeAll { $0.permID == contact.permID }
    contacts.append(contact)
    register(contact, at: now, &network)
  }

  private func register(_ contact: Contact, at now: Moment, _ network: inout SimulatedNetwork) {
    var actions: [NodeAction] = []
    guard let index = node.setContact(contact, at: now, into: &actions) else { return }
    let alias = AliasRange.wireAlias(of: contact.permID)
    lane.setPeer(
      index,
      LanePeer(
        address: OverlayAddress(of: contact.permID), alias: alias, wireAlias: alias,
        keepOpen: contact.keepOpen))
    carryOut(actions, at: now, &network)
    settle(at: now, &network)
  }

  public func remove(_ permID: PermID, at now: Moment, _ network: inout SimulatedNetwork) {
    contacts.removeAll { $0.permID == permID }
    guard let index = node.index(of: permID) else { return }
    var actions: [NodeAction] = []
    node.removeContact(index, at: now, into: &actions)
    carryOut(actions, at: now, &network)
    settle(at: now, &network)
  }

  /// As kill -9 and a new start: the contacts come back as the store has them.
  public func restart(seed: UInt64, at now: Moment, _ network: inout SimulatedNetwork) {
    node = Node(
      identity: identity, entropy: Self.entropy(seed), aeadOffer: aeadOffer, inquires: true)
    lane = Lane(
      address: address, alias: alias, wireAlias: alias, entropy: Self.entropy(seed &+ 1),
      asksForUnknown: true)
    output = LaneOutput()
    for contact in contacts { register(contact, at: now, &network) }
  }

  // MARK: Inputs

  /// A local program sends `packet`.
  public func transmit(_ packet: [UInt8], at now: Moment, _ network: inout SimulatedNetwork) {
    let range = PacketRange(slot: 0, offset: PacketSlab.headroom, length: packet.count)
    slab.fill(range, with: packet)
    slab.fill(
      range.grown(front: OffloadHeader.byteCount, back: -packet.count),
      with: [UInt8](repeating: 0, count: OffloadHeader.byteCount))
    lane.transmit([range], slab: &slab, arena: &sealed, at: now.boot, into: &output)
    settle(at: now, &network)
  }

  func receive(
    _ datagrams: [SimulatedNetwork.Datagram], at now: Moment, _ network: inout SimulatedNetwork
  ) {
    var rest = datagrams[...]
    while !rest.isEmpty {
      var trains: [DatagramTrain] = []
      for datagram in rest.prefix(Self.batchLimit) {
        let range = PacketRange(
          slot: trains.count, offset: PacketSlab.headroom, length: datagram.bytes.count)
        slab.fill(range, with: datagram.bytes)
        trains.append(
          DatagramTrain(
            range: range, segmentSize: datagram.bytes.count, source: datagram.source, ecn: 0))
      }
      rest = rest.dropFirst(trains.count)
      lane.receive(trains, slab: slab, arena: &opened, at: now.boot, into: &output)
      settle(at: now, &network)
    }
  }

  var nextDeadline: Timestamp { min(lane.nextDeadline, node.nextDeadline) }

  func advance(to now: Moment, _ network: inout SimulatedNetwork) {
    lane.advance(to: now.boot, into: &output)
    var actions: [NodeAction] = []
    node.advance(to: now, into: &actions)
    carryOut(actions, at: now, &network)
    settle(at: now, &network)
  }

  /// Runs inputs of the node, and carries out what it wants.
  public func decide(
    at now: Moment, _ network: inout SimulatedNetwork,
    _ body: (inout Node, inout [NodeAction]) -> Void
  ) {
    var actions: [NodeAction] = []
    body(&node, &actions)
    carryOut(actions, at: now, &network)
    settle(at: now, &network)
  }

  /// Asks every open peer to answer, as after a change of this host's addresses.
  public func challengeAll(at now: Moment, _ network: inout SimulatedNetwork) {
    lane.challengeAll(at: now.boot, into: &output)
    settle(at: now, &network)
  }

  public func forgetDelivered() {
    delivered.removeAll()
    replies.removeAll()
  }

  // MARK: Outputs

  /// Carries out what the lane wants until it wants nothing more.
  private func settle(at now: Moment, _ network: inout SimulatedNetwork) {
    var retried: Set<Int32> = []
    while !output.isEmpty {
      let out = output
      output.removeAll()
      emit(out, at: now, &network)
      for event in out.events { handle(event, at: now, &network) }
      for message in out.messages {
        var actions: [NodeAction] = []
        node.receive(
          message.frame, of: message.peer, from: message.source, at: now, into: &actions)
        carryOut(actions, at: now, &network)
      }
      for datagram in out.unclaimed {
        let bytes = slab.bytes(of: datagram.range)
        var actions: [NodeAction] = []
        let isRecord = node.receive(bytes, from: datagram.source, at: now, into: &actions)
        carryOut(actions, at: now, &network)
        if isRecord, retried.insert(datagram.range.slot).inserted {
          lane.receiveClaimed(
            datagram, slab: slab, arena: &opened, at: now.boot, into: &output)
        }
      }
    }
  }

  private func emit(_ out: LaneOutput, at now: Moment, _ network: inout SimulatedNetwork) {
    for datagram in out.datagrams {
      send(sealed.slab.bytes(of: datagram.range), to: datagram.destination, at: now, &network)
    }
    for record in out.records {
      send(record.bytes, to: record.destination, at: now, &network)
    }
    for range in out.packets {
      let header = PacketRange(
        slot: Int(range.slot), offset: Int(range.offset) - 10, length: 10)
      if opened.slab.bytes(of: header) != [UInt8](repeating: 0, count: 10) {
        faults.append("an offload header is not zero")
      }
      delivered.append(opened.slab.bytes(of: range))
    }
    for datagram in out.onward {
      var bytes: [UInt8] = []
      bytes.append(bigEndian: DatagramKind.relayWord(datagram.tag))
      bytes += slab.bytes(of: datagram.range).dropFirst(DatagramKind.relayPrefix)
      send(bytes, to: datagram.destination, at: now, &network)
    }
    replies += out.replies
  }

  private func handle(_ event: TransmitEvent, at now: Moment, _ network: inout SimulatedNetwork) {
    events.append(event)
    var actions: [NodeAction] = []
    switch event {
    case .wanted(let index): node.handle(.wanted, of: index, at: now, into: &actions)
    case .rekeyDue(let index): node.handle(.rekeyDue, of: index, at: now, into: &actions)
    case .ended(let index, let id, _):
      node.handle(.ended(id), of: index, at: now, into: &actions)
    case .moved(let index, let endpoint):
      node.handle(.moved(endpoint), of: index, at: now, into: &actions)
    case .observed(let index, let endpoint):
      node.handle(.observed(endpoint), of: index, at: now, into: &actions)
    case .proved(let index, let endpoint, let roundTrip):
      node.handle(.proved(endpoint, roundTrip), of: index, at: now, into: &actions)
    case .lost(let index): node.handle(.lost, of: index, at: now, into: &actions)
    case .unknown(let address): seek(address, at: now, &network)
    case .pong, .unheard, .pathChanged: break
    }
    carryOut(actions, at: now, &network)
  }

  func carryOut(
    _ actions: [NodeAction], at now: Moment, _ network: inout SimulatedNetwork
  ) {
    for action in actions {
      switch action {
      case .send(let bytes, let endpoint): send(bytes, to: endpoint, at: now, &network)
      case .install(let index, let established, let sendOn):
        lane.install(established, of: index, sendOn: sendOn, at: now.boot, into: &output)
      case .retire(let id, let tell):
        lane.retire(id, tell: tell, at: now.boot, into: &output)
      case .setReachable(let index, let isReachable):
        lane.setUnreachable(index, !isReachable, into: &output)
      case .sendFrame(let index, let frame):
        lane.send(frame, to: index, at: now.boot, into: &output)
      case .probe(let index, let endpoint):
        lane.probe(index, endpoint, at: now.boot, into: &output)
      case .forgetWay(let index, let endpoint):
        lane.forgetWay(index, endpoint, at: now.boot, into: &output)
      case .setRelay(let link): lane.receiver.setRelay(link)
      case .removeRelay(let key): lane.receiver.removeRelay(key)
      case .openSocket(let number, let remote): sockets[number] = remote
      case .closeSocket(let number): sockets[number] = nil
      case .adoptSocket, .dial, .hangUp: break
      case .store(let note): remember(note)
      case .inquire(let permID): judge(permID, at: now, &network)
      case .seek(let address): seek(address, at: now, &network)
      case .forget(let index): lane.removePeer(index)
      case .refused, .learned: break
      }
    }
  }

  private func send(
    _ bytes: [UInt8], to destination: Endpoint, at now: Moment, _ network: inout SimulatedNetwork
  ) {
    if sendBySocket(bytes, to: destination, at: now, &network) { return }
    guard !destination.isReserved else {
      lane.send(bytes, to: destination, into: &output)
      return
    }
    network.send(
      SimulatedNetwork.Datagram(bytes: bytes, source: endpoint, destination: destination),
      at: now.boot)
  }
}
