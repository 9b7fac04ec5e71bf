import IPv8Wire

/// Answers Binding requests on the P2TP port: where do you see me? (RFC 8489, RFC 5780)
///
/// Stateless but for the delayed answers that session peers ask for. Rules:
/// - No answer is longer than its request, attributes of less use being left out, unless the host
///   is configured `public`.
/// - RFC 3489 requests (no cookie) are answered by public hosts only, and only where the datagram is
///   no P2TP datagram.
/// - RESPONSE-PORT and RESPONSE-DELAY are for peers with an open session.
public struct STUNServer: Sendable {
  /// Requests a second from one source, and at once; the table that holds the sources.
  static let sourceRate: Int64 = 10
  static let sourceBurst: Int64 = 20
  static let sourceSlots = 1024
  /// Requests a second from all sources together, and at once.
  static let totalRate: Int64 = 1_000
  static let totalBurst: Int64 = 200
  /// Answers that wait for their time: in all, for one source, and how long, in seconds.
  static let delayedLimit = 256
  static let delayedLimitPerSource = 24
  static let delayLimit: UInt16 = 600

  /// Answers everyone in full, and RFC 3489 clients.
  public let isPublic: Bool
  public internal(set) var counters = STUNCounters()
  var sites: [(socket: LocalSocket, endpoint: Endpoint)] = []
  private var sources: SourceBuckets
  private var total = TokenBucket(rate: totalRate, burst: totalBurst)
  /// Sorted, the next last.
  private var delayed: [DelayedAnswer] = []

  /// - Parameter salt: a secret of the process, against sources chosen to share a bucket.
  public init(isPublic: Bool, salt: UInt64) {
    self.isPublic = isPublic
    sources = SourceBuckets(
      slots: Self.sourceSlots, rate: Self.sourceRate, burst: Self.sourceBurst, salt: salt)
  }

  /// Tells which local endpoints there are to answer from. Two addresses with the same two ports
  /// each make RFC 5780 whole.
  public mutating func setSites(_ sites: [(socket: LocalSocket, endpoint: Endpoint)]) {
    self.sites = sites
  }

  /// Takes a datagram of kind ``DatagramKind/stun``, or, on a public host, one that nothing else
  /// took. False where it is no request: a client of this host may be waiting for it.
  ///
  /// - Parameter isPeer: the source has an open session with us.
  public mutating func receive(
    _ datagram: RawSpan, from source: Endpoint, on socket: LocalSocket, isPeer: Bool,
    at now: Timestamp, into actions: inout [TraversalAction]
  ) -> Bool {
    guard let request = STUNMessage(datagram, classic: isPublic),
      request.messageClass == .request || request.messageClass == .indication
    else { return false }
    // An indication keeps a mapping alive and wants no answer.
    guard request.messageClass == .request else { return true }
    guard request.method == STUNMessage.bindingMethod, source.port != 0 else {
      counters.refused += 1
      return true
    }
    guard sources.take(source.address, at: now), total.take(at: now) else {
      counters.limited += 1
      return true
    }
    answer(
      request, byteCount: datagram.byteCount, from: source, on: socket, isPeer: isPeer, at: now,
      into: &actions)
    return true
  }

  /// When ``advance(to:into:)`` has something to do.
  public var nextDeadline: Timestamp { delayed.last?.at ?? .distantFuture }

  public mutating func advance(to now: Timestamp, into actions: inout [TraversalAction]) {
    while let next = delayed.last, next.at <= now {
      delayed.removeLast()
      counters.answered += 1
      actions.append(.send(next.bytes, to: next.destination, on: next.socket))
    }
  }

  mutating func delay(_ answer: DelayedAnswer) -> Bool {
    let ofSource = delayed.count { $0.destination.address == answer.destination.address }
    guard delayed.count < Self.delayedLimit, ofSource < Self.delayedLimitPerSource else {
      return false
    }
    let place = delayed.firstIndex { $0.at <= answer.at } ?? delayed.count
    delayed.insert(answer, at: place)
    return true
  }
}

/// An answer that a session peer asked to get later.
struct DelayedAnswer: Sendable {
  let at: Timestamp
  let bytes: [UInt8]
  let destination: Endpoint
  let socket: LocalSocket
}

/// What the STUN server did; monotonic.
public struct STUNCounters: Sendable, Equatable {
  public var answered: UInt64 = 0
  /// Requests too short for their answer, or of an unknown method.
  public var refused: UInt64 = 0
  /// Requests beyond the limits of rate.
  public var limited: UInt64 = 0

  public init() {}
}
