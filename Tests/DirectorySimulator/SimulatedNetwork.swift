public import IPv8Crypto
public import IPv8Directory
public import IPv8Records
public import IPv8Wire

/// Many directories and the sessions between them, in virtual time.
public struct SimulatedNetwork {
  public struct Faults: Sendable {
    public var delay = Interval.milliseconds(40)
    public var jitter = Interval.milliseconds(10)
    /// Of a thousand frames.
    public var lost: UInt64 = 0

    public init() {}
  }

  private enum Event {
    case frame(from: Int, to: Int, ControlFrame)
    case tick(Int)
  }

  private struct Pair: Hashable {
    let low: Int
    let high: Int

    init(_ a: Int, _ b: Int) {
      low = min(a, b)
      high = max(a, b)
    }
  }

  public private(set) var hosts: [Directory] = []
  public private(set) var keys: [IdentityKey] = []
  public private(set) var now = Timestamp(nanoseconds: 1_000_000_000)
  public var faults = Faults()
  /// Bytes of frames' bodies and heads that each host sent, and frames.
  public private(set) var bytes: [UInt64] = []
  public private(set) var frames: [UInt64] = []
  /// What each host's store would hold.
  public private(set) var stored: [StoredTables] = []
  public private(set) var resolved: [[(address: OverlayAddress, peer: PermID?)]] = []
  public private(set) var changed: [[PermID]] = []
  public var keepsStores = true
  private var places: [PermID: Int] = [:]
  private var open: Set<Pair> = []
  private var queue = EventQueue<Event>()
  private var ticks: [Timestamp] = []
  private var random: SeededRandom

  public init(seed: UInt64) { random = SeededRandom(seed: seed) }

  public var moment: Moment {
    Moment(
      boot: now,
      wall: WallTime(milliseconds: SimulatedIdentity.start + now.milliseconds))
  }

  public func id(_ host: Int) -> PermID { keys[host].permID }

  /// A host with the number as its key.
  @discardableResult
  public mutating func add(
    _ number: UInt64, settings: DirectorySettings = DirectorySettings()
  ) -> Int {
    let key = SimulatedIdentity.key(number)
    hosts.append(Directory(own: key.permID, settings: settings, seed: random.next()))
    keys.append(key)
    bytes.append(0)
    frames.append(0)
    stored.append(StoredTables())
    resolved.append([])
    changed.append([])
    ticks.append(.distantFuture)
    places[key.permID] = hosts.count - 1
    return hosts.count - 1
  }

  /// Lets a host do something, and does what it says.
  @discardableResult
  public mutating func with<Result>(_ host: Int, _ body: (inout Directory, Moment) -> Result)
    -> Result
  {
    let result = body(&hosts[host], moment)
    take(host)
    return result
  }

  /// The host signs and offers its binding.
  public mutating func announce(_ host: Int, port: UInt16 = 7_000) {
    let before = hosts[host].ownBindingTimestamp?.milliseconds ?? 0
    let time = WallTime(milliseconds: max(moment.wall.milliseconds, before + 1))
    let binding = SimulatedIdentity.binding(keys[host], at: time, port: port)
    with(host) { $0.offer(binding.bytes, from: .own, at: $1) }
  }

  /// The host signs that it trusts another.
  public mutating func trust(_ host: Int, _ other: Int, strength: Double = 1) {
    let key = keys[host]
    let subject = id(other)
    with(host) {
      let record = $0.relationToSign(trusting: subject, strength: strength, at: $1)
      $0.offer(SignedRelation(signing: record, with: key).bytes, from: .own, at: $1)
    }
  }

  public mutating func befriend(_ a: Int, _ b: Int) {
    let (first, second) = (id(a), id(b))
    with(a) { $0.addContact(second, at: $1) }
    with(b) { $0.addContact(first, at: $1) }
    trust(a, b)
    trust(b, a)
  }

  public mutating func connect(_ a: Int, _ b: Int) {
    guard a != b, open.insert(Pair(a, b)).inserted else { return }
    let secret = SimulatedIdentity.secret(id(a), id(b))
    let (first, second) = (id(a), id(b))
    with(a) { $0.connected(second, pairSecret: secret, at: $1) }
    with(b) { $0.connected(first, pairSecret: secret, at: $1) }
  }

  public mutating func disconnect(_ a: Int, _ b: Int) {
    guard open.remove(Pair(a, b)) != nil else { return }
    let (first, second) = (id(a), id(b))
    with(a) { $0.disconnected(second, at: $1) }
    with(b) { $0.disconnected(first, at: $1) }
  }

  /// A frame that a peer makes up.
  public mutating func inject(_ frame: ControlFrame, from: Int, to: Int) {
    queue.push(.frame(from: from, to: to, frame), at: now + faults.delay)
  }

  public mutating func run(for time: Interval) { run(until: now + time) }

  /// Runs until nothing is to be done before `end`, or `isDone`; true where that ended it.
  @discardableResult
  public mutating func run(
    until end: Timestamp, where isDone: ((SimulatedNetwork) -> Bool)? = nil
  ) -> Bool {
    while let next = queue.next, next <= end {
      if next > now, let isDone, isDone(self) { return true }
      now = max(now, next)
      guard let event = queue.pop() else { break }
      switch event {
      case .frame(let from, let to, let frame):
        guard open.contains(Pair(from, to)) else { continue }
        let peer = id(from)
        with(to) { $0.receive(frame.body, kind: frame.kind, from: peer, at: $1) }
      case .tick(let host):
        guard ticks[host] <= now else { continue }
        ticks[host] = .distantFuture
        with(host) { $0.tick(at: $1) }
      }
    }
    if let isDone, isDone(self) { return true }
    now = max(now, end)
    return false
  }

  private mutating func take(_ host: Int) {
    for output in hosts[host].takeOutputs() {
      switch output {
      case .send(let peer, let frame):
        if let to = places[peer] { send(frame, from: host, to: to) }
      case .store(let changes): if keepsStores { stored[host].apply(changes) }
      case .changed(let peer): if keepsStores { changed[host].append(peer) }
      case .resolved(let address, let peer): resolved[host].append((address, peer))
      }
    }
    let deadline = hosts[host].deadline(after: moment)
    guard deadline < ticks[host], deadline != .distantFuture else { return }
    // A moment later at least, so that time goes on.
    ticks[host] = max(deadline, now + .microseconds(100))
    queue.push(.tick(host), at: ticks[host])
  }

  private mutating func send(_ frame: ControlFrame, from: Int, to: Int) {
    bytes[from] += UInt64(frame.body.count + 3)
    frames[from] += 1
    guard open.contains(Pair(from, to)), random.next() % 1_000 >= faults.lost else { return }
    let jitter = Int64(random.next() % UInt64(max(1, faults.jitter.nanoseconds)))
    queue.push(
      .frame(from: from, to: to, frame),
      at: now + faults.delay + Interval(nanoseconds: jitter))
  }
}

/// What a store holds after the changes that it was given.
public struct StoredTables: Sendable {
  public private(set) var bindings: [PermID: SignedBinding] = [:]
  public private(set) var relations: [RelationRecord.Key: SignedRelation] = [:]
  public private(set) var contradictions: [PermID: Contradiction] = [:]

  mutating func apply(_ changes: [RecordChange]) {
    for change in changes {
      switch change {
      case .binding(let binding): bindings[binding.record.permID] = binding
      case .relation(let relation): relations[relation.record.key] = relation
      case .contradiction(let proof): contradictions[proof.signer] = proof
      case .removeBinding(let peer): bindings[peer] = nil
      case .removeRelation(let signer, let subject, let type):
        relations = relations.filter {
          $0.key.signer != signer || $0.key.subject != subject || $0.key.type != type
        }
      }
    }
  }
}
