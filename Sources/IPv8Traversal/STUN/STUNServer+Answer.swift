import IPv8Wire

extension STUNServer {
  mutating func answer(
    _ request: STUNMessage, byteCount: Int, from source: Endpoint, on socket: LocalSocket,
    isPeer: Bool, at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    let here = sites.first {
      $0.socket == socket && $0.endpoint.address.family == source.address.family
    }?.endpoint
    let origin = request.changeRequest.map { site($0, from: socket, at: here) } ?? (socket, here)
    var unknown = request.unknownRequired
    if origin == nil { unknown.append(STUNServer.changeRequest) }
    if request.responsePort != nil, !isPeer { unknown.append(STUNServer.responsePort) }

    var destination = source
    let variants: [STUNMessage]
    if !unknown.isEmpty {
      variants = [failure(.unknownAttribute, request, naming: unknown)]
    } else if request.responsePort != nil, request.padding != nil {
      // Together they could aim fragments at a port (RFC 5780 §6.1).
      variants = [failure(.badRequest, request, naming: [])]
    } else {
      if let port = request.responsePort, port != 0 {
        destination = Endpoint(source.address, port: port, scope: source.scope)
      }
      variants = successes(request, source: source, origin: origin?.1, here: here)
    }
    guard var bytes = fitting(variants, to: request, byteCount) else {
      counters.refused += 1
      return
    }
    if unknown.isEmpty { pad(&bytes, for: request, byteCount) }
    let from = origin?.0 ?? socket
    if let delay = request.responseDelay, isPeer, delay > 0 {
      let at = now + .seconds(Int64(min(delay, Self.delayLimit)))
      let answer = DelayedAnswer(at: at, bytes: bytes, destination: destination, socket: from)
      if !self.delay(answer) { counters.limited += 1 }
      return
    }
    counters.answered += 1
    actions.append(.send(bytes, to: destination, on: from))
  }

  private static let changeRequest: UInt16 = 0x0003
  private static let responsePort: UInt16 = 0x0027

  /// The local endpoint that a CHANGE-REQUEST which came in on `socket` asks for; nil if there is
  /// none.
  private func site(
    _ change: STUNChange, from socket: LocalSocket, at here: Endpoint?
  ) -> (LocalSocket, Endpoint?)? {
    guard let here else {
      return change.isEmpty ? (socket, nil) : nil
    }
    let found = sites.first { site in
      site.endpoint.address.family == here.address.family
        && (site.endpoint.address != here.address) == change.contains(.address)
        && (site.endpoint.port != here.port) == change.contains(.port)
    }
    return found.map { ($0.socket, $0.endpoint) }
  }

  /// The endpoint of the other address and the other port, if all four combinations are there
  /// (RFC 5780 §7.4).
  private func other(than here: Endpoint) -> Endpoint? {
    let own = sites.map(\.endpoint).filter { $0.address.family == here.address.family }
    return own.first { other in
      other.address != here.address && other.port != here.port
        && own.contains(Endpoint(other.address, port: here.port, scope: other.scope))
        && own.contains(Endpoint(here.address, port: other.port, scope: here.scope))
    }
  }

  /// The answer in all its forms, the fullest first.
  private func successes(
    _ request: STUNMessage, source: Endpoint, origin: Endpoint?, here: Endpoint?
  ) -> [STUNMessage] {
    var full = STUNMessage(.success, transaction: request.transaction)
    let plain = Endpoint(source.address, port: source.port)
    let other = here.flatMap { self.other(than: $0) }
    if request.transaction.isClassic {
      full.mapped = plain
      full.sourceAddress = origin
      full.changedAddress = other
      return [full]
    }
    full.xorMapped = plain
    full.responseOrigin = origin
    full.otherAddress = other
    var withoutOther = full
    withoutOther.otherAddress = nil
    var bare = withoutOther
    bare.responseOrigin = nil
    return [full, withoutOther, bare]
  }

  private func failure(
    _ error: STUNError, _ request: STUNMessage, naming unknown: [UInt16]
  ) -> STUNMessage {
    var message = STUNMessage(.error, transaction: request.transaction)
    message.error = error
    message.unknownAttributes = unknown
    return message
  }

  /// The fullest form that may be sent: not longer than the request, or any for a public host.
  private func fitting(
    _ variants: [STUNMessage], to request: STUNMessage, _ byteCount: Int
  ) -> [UInt8]? {
    for variant in variants {
      let bytes = variant.bytes(fingerprint: !request.transaction.isClassic)
      if isPublic || bytes.count <= byteCount { return bytes }
    }
    return nil
  }

  /// Echoes PADDING (RFC 5780 §7.6) as far as the request's own length goes, so that nobody gets
  /// more than was sent in his name.
  private func pad(
    _ bytes: inout [UInt8], for request: STUNMessage, _ byteCount: Int
  ) {
    guard let wanted = request.padding, !request.transaction.isClassic,
      var padded = STUNMessage(bytes.rawSpan)
    else { return }
    let room = (byteCount - bytes.count - 4) / 4 * 4
    guard room > 0 else { return }
    padded.padding = min(wanted, room)
    bytes = padded.bytes(fingerprint: true)
  }
}
