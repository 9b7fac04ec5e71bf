import IPv8Crypto
import IPv8Wire

extension PortMapper {
  /// The best protocol that is there maps, once no better one can be hoped for.
  mutating func choose(
    at now: Timestamp, mayWait: Bool, into actions: inout [TraversalAction]
  ) {
    guard mapping == nil, phase != .released, phase != .idle else { return }
    if case .mapping = phase, mayWait { return }
    let isThere: [(PortMappingProtocol, Bool)] = [
      (.natPMP, natPMPAddress != nil), (.upnp, upnp != nil),
    ]
    for (kind, isThere) in isThere where isThere && !refused.contains(kind) {
      let better = PortMappingProtocol.allCases.prefix { $0 != kind }
      guard !mayWait || better.allSatisfy({ refused.contains($0) }) else {
        preferenceEnd = min(preferenceEnd, now + Self.preference)
        return
      }
      return map(by: kind, at: now, into: &actions)
    }
    preferenceEnd = .distantFuture
    if refused.count == PortMappingProtocol.allCases.count {
      phase = .failed
      phaseEnd = .distantFuture
      repeated = []
    }
  }

  /// Takes a datagram of our socket, or one that the gateway sent to all (PCP's ANNOUNCE).
  public mutating func receive(
    _ datagram: [UInt8], from source: Endpoint, at now: Timestamp,
    into actions: inout [TraversalAction]
  ) {
    guard source.address == gateway, phase != .idle else { return }
    guard phase != .released else {
      if source.port == PCPMessage.port { releaseEnded() }
      return
    }
    if source.port == PCPMessage.port {
      if let response = PCPMessage.response(datagram.rawSpan) {
        take(response, at: now, into: &actions)
      } else if let response = NATPMPMessage.response(datagram.rawSpan) {
        take(response, at: now, into: &actions)
      }
    } else if let location = SSDPMessage.location(datagram), location.endpoint.address == gateway,
      upnp == nil, phase == .probing,
      !exchanges.values.contains(.description(location)), exchanges.count < Self.portLimit
    {
      repeated.removeAll { $0.kind == .upnp }
      exchange(
        .description(location), location.getRequest, with: location.endpoint, into: &actions)
    }
  }

  private mutating func take(
    _ response: PCPMessage.Response, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    switch response {
    case .mapped(let answer):
      guard answer.nonce == nonce, answer.internalPort == internalPort, answer.external.port != 0,
        answer.external.address.reach != .none, answer.lifetime > 0,
        phase == .probing || phase == .mapping(.pcp)
      else { return }
      _ = epoch.isContinuous(answer.epoch, at: now)
      adopt(answer.external, by: .pcp, lifetime: answer.lifetime, at: now)
    case .refused(_, let nonce, _):
      guard nonce == nil || nonce == self.nonce else { return }
      if phase == .mapping(.pcp) {
        failed(.pcp, at: now, into: &actions)
      } else if phase == .probing {
        refuse(.pcp, at: now, into: &actions)
      }
    case .announced(let told): note(told, at: now, into: &actions)
    }
  }

  private mutating func take(
    _ response: NATPMPMessage.Response, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    switch response {
    case .address(let address, let told):
      if phase == .probing {
        guard IPAddress.v4(address).reach != .none else { return }
        natPMPAddress = address
        repeated.removeAll { $0.kind == .natPMP }
        _ = epoch.isContinuous(told, at: now)
        choose(at: now, mayWait: true, into: &actions)
      } else {
        note(told, at: now, into: &actions)
      }
    case .mapped(let inner, let outer, let lifetime, let told):
      guard phase == .mapping(.natPMP), inner == internalPort, outer != 0, lifetime > 0,
        let natPMPAddress
      else { return }
      _ = epoch.isContinuous(told, at: now)
      adopt(Endpoint(.v4(natPMPAddress), port: outer), by: .natPMP, lifetime: lifetime, at: now)
    case .refused(let opcode, _):
      // A server of the old version answers PCP so, too: its opcode says nothing then.
      if phase == .mapping(.natPMP), opcode == 1 {
        failed(.natPMP, at: now, into: &actions)
      } else if phase == .probing {
        refuse(opcode == 0 ? .natPMP : .pcp, at: now, into: &actions)
      }
    }
  }

  private mutating func refuse(
    _ kind: PortMappingProtocol, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    refused.insert(kind)
    repeated.removeAll { $0.kind == kind }
    choose(at: now, mayWait: true, into: &actions)
  }

  /// The gateway tells its clock: where that began anew, our mapping is gone.
  private mutating func note(
    _ told: UInt32, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard !epoch.isContinuous(told, at: now), phase == .mapped, let mapping,
      mapping.madeBy != .upnp
    else { return }
    map(by: mapping.madeBy, at: now, into: &actions)
  }

  // MARK: UPnP

  /// What came of an exchange over TCP; nil where it failed.
  public mutating func finished(
    _ number: Int, _ bytes: [UInt8]?, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard let exchange = exchanges.removeValue(forKey: number) else { return }
    switch exchange {
    case .unmap: releaseEnded()
    case .description(let location):
      guard phase == .probing, upnp == nil else { return }
      if let bytes, let response = HTTPResponse(bytes), response.status == 200,
        let found = UPnPGateway(description: response.body, from: location)
      {
        upnp = found
        choose(at: now, mayWait: true, into: &actions)
      } else if exchanges.isEmpty {
        refuse(.upnp, at: now, into: &actions)
      }
    case .address:
      guard phase == .mapping(.upnp), let bytes,
        case .done(let address?, _)? = UPnPGateway.answer(bytes)
      else { return failed(.upnp, at: now, into: &actions) }
      upnpAddress = address
      askUPnP(for: mapping?.external.port ?? internalPort, into: &actions)
    case .map(let asked): mapped(asked, bytes, at: now, into: &actions)
    }
  }

  private mutating func askUPnP(for port: UInt16, into actions: inout [TraversalAction]) {
    guard let upnp else { return }
    portsTried += 1
    exchange(
      .map(port),
      upnp.mapRequest(
        externalPort: port, internalPort: internalPort, client: client,
        lifetime: isPermanent ? 0 : Self.lifetime),
      with: upnp.control.endpoint, into: &actions)
  }

  private mutating func mapped(
    _ asked: UInt16, _ bytes: [UInt8]?, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard phase == .mapping(.upnp), let upnpAddress else { return }
    switch bytes.flatMap({ UPnPGateway.answer($0) }) {
    case .done(_, let given):
      let external = Endpoint(.v4(upnpAddress), port: given ?? asked)
      adopt(external, by: .upnp, lifetime: Self.lifetime, at: now)
    case .refused(UPnPGateway.conflict) where portsTried < Self.portLimit:
      askUPnP(for: UInt16(1_024 + entropy.next() % 64_512), into: &actions)
    case .refused(UPnPGateway.onlyPermanent) where !isPermanent:
      isPermanent = true
      askUPnP(for: asked, into: &actions)
    case .refused, nil: failed(.upnp, at: now, into: &actions)
    }
  }

  // MARK: The end

  /// Has the gateway take the mapping back, if there is one. ``advance(to:into:)`` repeats it once;
  /// whoever cannot wait closes the socket after this.
  public mutating func release(at now: Timestamp, into actions: inout [TraversalAction]) {
    repeated = []
    exchanges = [:]
    phase = .released
    phaseEnd = now + .milliseconds(300)
    preferenceEnd = .distantFuture
    guard let mapping else { return releaseEnded() }
    switch mapping.madeBy {
    case .pcp: send(pcpRequest(lifetime: 0), as: .pcp, to: control, at: now)
    case .natPMP:
      send(
        NATPMPMessage.mapRequest(internalPort: internalPort, suggestedPort: 0, lifetime: 0),
        as: .natPMP, to: control, at: now)
    case .upnp:
      guard let upnp else { return releaseEnded() }
      // TCP takes longer.
      phaseEnd = now + Self.unmapPatience
      exchange(
        .unmap, upnp.unmapRequest(externalPort: mapping.external.port),
        with: upnp.control.endpoint, into: &actions)
    }
    self.mapping = nil
    advance(to: now, into: &actions)
  }

  private mutating func releaseEnded() {
    repeated = []
    phaseEnd = .distantFuture
  }
}
