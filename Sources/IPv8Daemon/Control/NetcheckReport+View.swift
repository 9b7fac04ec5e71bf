import IPv8Control
import IPv8Traversal
import IPv8Wire

extension NetcheckReport {
  init(_ view: NetworkView) {
    self.init(
      families: view.reports.map { FamilyReport($0) },
      local: view.local.endpoints.map(\.description),
      gateway4: view.local.gateway4?.description, gateway6: view.local.gateway6?.description,
      network: view.identity.map { Self.hexadecimal($0.bytes) },
      portMapping: PortMappingReport(view), lifetimes: view.lifetimes.map { LifetimeReport($0) },
      measuringLifetimes: view.isMeasuring,
      keepaliveMilliseconds: Int(view.keepaliveInterval.milliseconds),
      unfinished: view.isChecking || view.portMapping == .searching)
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}

extension FamilyReport {
  init(_ report: NetworkReport) {
    var (ports, step): (String?, Int?) = (nil, nil)
    switch report.allocation {
    case .preserving: ports = "preserving"
    case .sequential(let by): (ports, step) = ("sequential", by)
    case .unpredictable: ports = "unpredictable"
    case nil: break
    }
    self.init(
      family: report.family == .v4 ? .ipv4 : .ipv6,
      kind: Kind(rawValue: report.kind.rawValue) ?? .unknown, local: "\(report.local)",
      external: report.external?.description, externalAddress: report.externalAddress?.description,
      mapping: report.mapping?.rawValue, filtering: report.filtering?.rawValue,
      hairpin: report.hairpin, ports: ports, portStep: step,
      reportersAsked: report.reportersAsked, reportersAnswered: report.reportersAnswered,
      dissenting: report.dissenting.map(\.description), unknown: Self.reasons(report))
  }

  private static func reasons(_ report: NetworkReport) -> [String: String] {
    var reasons: [String: String] = [:]
    let nobody: String? =
      if report.reportersAsked == 0 {
        "no reporter: no session with a peer elsewhere is open, and no STUN server is configured"
      } else if report.reportersAnswered == 0 {
        "no answer: none of \(report.reportersAsked) reporters was heard"
      } else { nil }
    if report.externalAddress == nil {
      reasons["externalAddress"] = nobody ?? "the reporters do not agree"
    }
    if report.external == nil {
      reasons["external"] =
        nobody
        ?? (report.mapping?.isDependent == true
          ? "each peer sees another" : "the reporters do not agree")
    }
    if report.mapping == nil {
      reasons["mapping"] = nobody ?? "one reporter: two at different addresses are needed"
    }
    if report.filtering == nil {
      reasons["filtering"] =
        nobody ?? "nobody could send from an address that this machine had not sent to"
    }
    if report.hairpin == nil {
      reasons["hairpin"] =
        nobody
        ?? (report.isTranslated == false
          ? "nothing is translated" : "where a new peer is let in is not known")
    }
    if report.allocation == nil { reasons["ports"] = nobody ?? "too few answers" }
    return reasons
  }
}

extension PortMappingReport {
  init(_ view: NetworkView) {
    self.init(
      state: State(rawValue: view.portMapping.rawValue) ?? .unavailable,
      madeBy: view.mapping?.madeBy.rawValue, external: view.mapping?.external.description,
      reachable: view.mapping?.isUseful)
  }
}

extension LifetimeReport {
  init(_ lifetimes: MeasuredLifetimes) {
    self.init(
      unrepliedSeconds: lifetimes.unreplied.map { Int($0.alive) },
      unrepliedDeadSeconds: lifetimes.unreplied?.dead.map { Int($0) },
      establishedSeconds: lifetimes.established.map { Int($0.alive) },
      establishedDeadSeconds: lifetimes.established?.dead.map { Int($0) },
      absoluteSeconds: lifetimes.absolute.map { Int($0.milliseconds / 1_000) })
  }
}
