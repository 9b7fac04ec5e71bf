import IPv8Wire

/// A NAT as a value: endpoints and time in, endpoints out.
public struct SimulatedNAT: Sendable {
  /// What makes a mapping another one.
  private struct Key: Hashable {
    let inner: Endpoint
    let address: IPAddress?
    let port: UInt16?
  }

  private struct Mapping {
    let key: Key
    let outer: Endpoint
    let created: Timestamp
    var used: Timestamp
    /// Where packets went, which the filter lets in.
    var contacted: Set<Endpoint> = []
    var isReplied = false
    var isEstablished = false
  }

  public var behaviour: NATBehaviour
  public let outerAddress: IPAddress
  /// Outer ports that are forwarded for good, as PCP sets them up.
  public var forwards: [UInt16: Endpoint] = [:]
  private var mappings: [Key: Mapping] = [:]
  /// By outer endpoint: the ports taken, or whole endpoints where nothing is translated.
  private var keys: [Endpoint: Key] = [:]
  private var lastPort: UInt16
  private var random: SeededRandom

  public init(_ behaviour: NATBehaviour, outer: IPAddress, seed: UInt64) {
    self.behaviour = behaviour
    outerAddress = outer
    random = SeededRandom(seed: seed)
    lastPort = UInt16(20_000 + random.next() % 20_000)
  }

  /// As after a restart of the router.
  public mutating func forgetAll() {
    mappings = [:]
    keys = [:]
  }

  /// The number of live mappings.
  public func mappingCount(at now: Timestamp) -> Int {
    mappings.values.count { lives($0, at: now) }
  }

  /// A packet from inside: the outer source that it gets; nil where it is dropped.
  public mutating func send(
    from inner: Endpoint, to destination: Endpoint, at now: Timestamp
  ) -> Endpoint? {
    guard !behaviour.blocksUDP else { return nil }
    if let forward = forwards.first(where: { $0.value == inner }) {
      return Endpoint(outerAddress, port: forward.key)
    }
    let key = key(inner, destination)
    var mapping: Mapping
    if let known = mappings[key], lives(known, at: now) {
      mapping = known
    } else {
      if let dead = mappings[key] { keys[dead.outer] = nil }
      guard let outer = allocate(for: inner, at: now) else { return nil }
      mapping = Mapping(key: key, outer: outer, created: now, used: now)
      keys[outer] = key
    }
    mapping.used = now
    mapping.contacted.insert(destination)
    if mapping.isReplied { mapping.isEstablished = true }
    mappings[key] = mapping
    return mapping.outer
  }

  /// A packet from outside: the inner destination; nil where it is dropped.
  public mutating func receive(
    from source: Endpoint, to outer: Endpoint, at now: Timestamp
  ) -> Endpoint? {
    guard !behaviour.blocksUDP else { return nil }
    if let inner = forwards[outer.port], outer.address == outerAddress { return inner }
    guard let key = keys[outer], var mapping = mappings[key], lives(mapping, at: now) else {
      return nil
    }
    let passes =
      switch behaviour.filtering {
      case .nothing: true
      case .address: mapping.contacted.contains { $0.address == source.address }
      case .addressAndPort: mapping.contacted.contains(source)
      }
    guard passes else { return nil }
    mapping.used = now
    mapping.isReplied = true
    mappings[key] = mapping
    return mapping.key.inner
  }

  private func key(_ inner: Endpoint, _ destination: Endpoint) -> Key {
    switch behaviour.mapping {
    case .nothing: Key(inner: inner, address: nil, port: nil)
    case .address: Key(inner: inner, address: destination.address, port: nil)
    case .addressAndPort:
      Key(inner: inner, address: destination.address, port: destination.port)
    }
  }

  private func lives(_ mapping: Mapping, at now: Timestamp) -> Bool {
    let idle = mapping.isEstablished ? behaviour.established : behaviour.unreplied
    guard now - mapping.used <= idle else { return false }
    return behaviour.absolute.map { now - mapping.created <= $0 } ?? true
  }

  private mutating func allocate(for inner: Endpoint, at now: Timestamp) -> Endpoint? {
    guard behaviour.translates else { return inner }
    var port: UInt16
    switch behaviour.allocation {
    case .preserving: port = inner.port
    case .sequential(let step): port = Self.advanced(lastPort, by: step)
    case .random: port = UInt16(1024 + random.next() % 64_512)
    }
    for _ in 0..<64_512 {
      let outer = Endpoint(outerAddress, port: port)
      if isFree(outer, at: now) {
        lastPort = port
        return outer
      }
      port = Self.advanced(port, by: 1)
    }
    return nil
  }

  private mutating func isFree(_ outer: Endpoint, at now: Timestamp) -> Bool {
    guard forwards[outer.port] == nil else { return false }
    guard let key = keys[outer], let mapping = mappings[key] else { return true }
    guard !lives(mapping, at: now) else { return false }
    keys[outer] = nil
    mappings[key] = nil
    return true
  }

  private static func advanced(_ port: UInt16, by step: Int) -> UInt16 {
    UInt16(1024 + (Int(port) - 1024 + step + 64_512) % 64_512)
  }
}
