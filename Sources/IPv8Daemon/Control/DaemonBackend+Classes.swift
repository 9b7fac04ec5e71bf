import IPv8Control
import IPv8Crypto
import IPv8DataPlane
import IPv8Platform
import IPv8Store
import IPv8Wire

extension DaemonBackend {
  /// Of a flow's class, where nothing is said.
  private static let flowLifetime = 3600

  func classes() async throws(ControlError) -> [ClassReport] {
    guard let entries = await inbox.ask({ .classes($0) }) else {
      throw ControlError(.notRunning, facts.interface)
    }
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    let now = SystemClock.now()
    return entries.map { entry in
      report(entry, contacts.first { $0.permID == entry.subject.peer }, at: now)
    }
  }

  func setClass(
    of query: PathQuery, _ wish: ClassWish
  ) async throws(ControlError) -> ClassReport {
    guard let kind = TrafficClass(name: wish.class) else {
      throw ControlError(.classInvalid, wish.class)
    }
    let subject = try await subject(of: query)
    if case .socket(let socket) = query { try await requireListed(socket) }
    let now = SystemClock.now()
    let lifetime = wish.lifetimeSeconds ?? (subject.flow == nil ? nil : Self.flowLifetime)
    let end = lifetime.map { now + .seconds(Int64($0)) } ?? .distantFuture
    guard try await declare(kind, subject, until: end) else {
      throw ControlError(.tooManyClasses, "\(ClassBook.limit)")
    }
    let contacts = try stored { store throws(StoreError) in try store.contacts() }
    let entry = ClassBook.Entry(subject: subject, kind: kind, until: end)
    return report(entry, contacts.first { $0.permID == subject.peer }, at: now)
  }

  func removeClass(of query: PathQuery) async throws(ControlError) {
    _ = try await declare(nil, try await subject(of: query), until: .distantFuture)
  }

  private func declare(
    _ kind: TrafficClass?, _ subject: ClassBook.Subject, until end: Timestamp
  ) async throws(ControlError) -> Bool {
    guard let isTaken = await inbox.ask({ .declare(kind, subject, until: end, $0) }) else {
      throw ControlError(.notRunning, facts.interface)
    }
    return isTaken
  }

  private func subject(of query: PathQuery) async throws(ControlError) -> ClassBook.Subject {
    let peer = try await peer(of: query)
    guard case .socket(let socket) = query else {
      return ClassBook.Subject(peer: peer, flow: nil)
    }
    return ClassBook.Subject(peer: peer, flow: DeclaredFlow(socket))
  }

  private func report(
    _ entry: ClassBook.Entry, _ contact: StoredContact?, at now: Timestamp
  ) -> ClassReport {
    let peer = entry.subject.peer
    var report = ClassReport(
      permID: "\(peer)", name: contact.map { name(of: $0) } ?? "", class: entry.kind.name)
    if entry.until != .distantFuture {
      report.secondsLeft = Int((entry.until - now).nanoseconds / 1_000_000_000)
    }
    guard let flow = entry.subject.flow else { return report }
    let ends: (local: IPAddress?, remote: IPAddress?) =
      flow.isIPv6
      ? (.v6(facts.address.address), .v6(OverlayAddress(of: peer).address))
      : (facts.aliases.map { .v4($0.own) }, contact?.alias.map { .v4($0.address) })
    let transport: LocalSocket.TransportProtocol = flow.transport == IPProtocol.tcp ? .tcp : .udp
    report.protocol = transport.rawValue
    report.local = ends.local.map { "\(Endpoint($0, port: flow.localPort))" }
    report.remote = ends.remote.map { "\(Endpoint($0, port: flow.remotePort))" }
    return report
  }
}

extension DeclaredFlow {
  init(_ socket: LocalSocket) {
    let isIPv6 = if case .v6 = socket.local.address { true } else { false }
    self.init(
      isIPv6: isIPv6, transport: socket.transport == .tcp ? IPProtocol.tcp : IPProtocol.udp,
      localPort: socket.local.port, remotePort: socket.remote.port)
  }
}
