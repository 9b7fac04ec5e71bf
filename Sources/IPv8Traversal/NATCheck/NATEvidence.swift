import IPv8Wire

/// What was seen of a network, and what follows from it.
///
/// Rules:
/// - A reporter's word counts once for its neighbourhood (IPv4 /16, IPv6 /32): one operator with
///   many addresses is one voice.
/// - An endpoint is ours if more than half of the voices say so; without such an endpoint the
///   mapping depends on the peer. So fewer than half that lie change nothing.
/// - A filter is as open as what passed it: that cannot be lied about. Silence counts where
///   nothing passed.
struct NATEvidence: Sendable {
  /// Reports kept; beyond, the older half goes.
  static let reportLimit = 64
  /// Voices that count, the newest ones.
  static let voiceLimit = 8
  /// Steps between successive mappings that a window of prediction covers.
  static let stepLimit = 16

  struct Report: Sendable {
    /// Who saw us; its voice is that of `operatedBy`.
    let reporter: Endpoint
    let operatedBy: Endpoint
    let observed: Endpoint
  }

  /// Outer ports that one reporter saw of fresh sockets, in order of sending.
  struct Series: Sendable {
    let reporter: Endpoint
    /// In order of ``place``, whatever the order of the answers.
    private(set) var ports: [(place: Int, inner: UInt16, outer: UInt16)] = []

    init(reporter: Endpoint) { self.reporter = reporter }

    mutating func note(place: Int, inner: UInt16, outer: UInt16) {
      ports.append((place, inner, outer))
      ports.sort { $0.place < $1.place }
    }
  }

  var local: Endpoint
  /// Of the main socket, the newest last; one for each reporter.
  private(set) var reports: [Report] = []
  var series: [Series] = []
  /// Datagrams that came in on the filtered socket from an address, or a port, that it never sent
  /// to; and how many were sent so and did not arrive.
  var strangerPassed = false
  var otherPortPassed = false
  var strangersSilent = 0
  var otherPortsSilent = 0
  var hairpin: Bool?

  init(local: Endpoint) { self.local = local }

  /// Notes that `reporter` sees our main socket at `observed`.
  mutating func note(_ observed: Endpoint, by reporter: Endpoint, operatedBy: Endpoint) {
    reports.removeAll { $0.reporter == reporter }
    if reports.count >= Self.reportLimit { reports.removeFirst(Self.reportLimit / 2) }
    reports.append(Report(reporter: reporter, operatedBy: operatedBy, observed: observed))
  }

  /// The newest voices' reports, each voice with all that it says.
  private var voices: [[Report]] {
    var order: [UInt64] = []
    var byVoice: [UInt64: [Report]] = [:]
    for report in reports.reversed() {
      let voice = report.operatedBy.address.neighbourhood
      if byVoice[voice] == nil {
        guard order.count < Self.voiceLimit else { continue }
        order.append(voice)
      }
      byVoice[voice, default: []].append(report)
    }
    return order.compactMap { byVoice[$0] }
  }

  /// What more than half of the voices say, where each says one thing.
  static func majority<Word: Hashable>(_ words: [Word?]) -> Word? {
    var counts: [Word: Int] = [:]
    for word in words { if let word { counts[word, default: 0] += 1 } }
    return counts.first { $0.value * 2 > words.count }?.key
  }

  /// The one thing that all say; nil where they differ.
  private static func agreed<Word: Hashable>(_ words: [Word]) -> Word? {
    words.allSatisfy { $0 == words.first } ? words.first : nil
  }

  /// Fills in what the evidence says.
  func judge(_ report: inout NetworkReport) {
    let voices = voices
    let endpoint = Self.majority(voices.map { Self.agreed($0.map(\.observed)) })
    report.externalAddress = Self.majority(voices.map { Self.agreed($0.map(\.observed.address)) })
    // One address alone cannot tell what depends on the address.
    if Set(reports.map(\.reporter.address)).count > 1 {
      report.mapping = endpoint == nil ? dependence(voices) : .endpointIndependent
    }
    report.external = endpoint
    report.filtering = filtering
    report.hairpin = hairpin
    report.allocation = allocation
    if let endpoint {
      report.dissenting = reports.filter { $0.observed != endpoint }.map(\.reporter)
    } else if let address = report.externalAddress {
      report.dissenting = reports.filter { $0.observed.address != address }.map(\.reporter)
    }
    report.recentPorts = (series.last?.ports ?? []).map(\.outer)
  }

  /// Which of the dependent kinds, by voices that saw us from two ports of one address.
  private func dependence(_ voices: [[Report]]) -> MappingBehaviour {
    var words: [MappingBehaviour] = []
    for voice in voices {
      for address in Set(voice.map(\.reporter.address)) {
        let own = voice.filter { $0.reporter.address == address }
        guard own.count > 1 else { continue }
        words.append(
          Self.agreed(own.map(\.observed)) == nil ? .addressAndPortDependent : .addressDependent)
        break
      }
    }
    return Self.majority(words) ?? .endpointDependent
  }

  private var filtering: FilteringBehaviour? {
    if strangerPassed { return .endpointIndependent }
    guard strangersSilent > 0 else { return nil }
    if otherPortPassed { return .addressDependent }
    return otherPortsSilent > 0 ? .addressAndPortDependent : nil
  }

  /// Each series has its own verdict; what more than half of them say counts.
  private var allocation: PortAllocation? {
    let words = series.filter { $0.ports.count >= 3 }.map(Self.allocation)
    guard !words.isEmpty else { return nil }
    if let word = Self.majority(words) { return word }
    // Steps that differ a little are one pattern still.
    let steps = words.compactMap { word -> Int? in
      if case .sequential(let step) = word { step } else { nil }
    }.sorted()
    return steps.count * 2 > words.count
      ? .sequential(step: steps[steps.count / 2]) : .unpredictable
  }

  private static func allocation(_ series: Series) -> PortAllocation {
    let ports = series.ports
    if ports.count(where: { $0.inner == $0.outer }) * 2 > ports.count { return .preserving }
    let steps = zip(ports, ports.dropFirst()).map { Int($1.outer) - Int($0.outer) }
    guard steps.allSatisfy({ $0 != 0 && $0.magnitude <= stepLimit }) else { return .unpredictable }
    return .sequential(step: steps.sorted()[steps.count / 2])
  }
}
