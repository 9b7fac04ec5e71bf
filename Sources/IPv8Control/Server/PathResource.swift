import FoundationEssentials

/// What a request asks about the quality of paths.
struct PathResource: Sendable {
  enum Subject: Hashable, Sendable {
    case all
    case one(PathQuery)
  }

  let subject: Subject
  /// Milliseconds between events; nil for a single answer.
  let interval: Int?

  /// Nil where the request is about something else.
  ///
  /// - Parameter segments: of the path, behind the version.
  init?(
    _ segments: ArraySlice<Substring>, _ request: ControlRequest
  ) throws(ControlError) {
    var segments = segments
    let isEvents = segments.last == "events"
    if isEvents { segments.removeLast() }
    switch (segments.first, segments.count) {
    case ("paths", 1): subject = .all
    case ("path", 1): subject = .one(try PathQuery(request.query))
    case ("peers", 3) where segments.last == "path":
      let encoded = segments.dropFirst().first ?? ""
      guard let text = PathSegment(encoded: encoded).text, !text.isEmpty else {
        throw ControlError(.requestMalformed, "path")
      }
      guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
      subject = .one(.peer(selector))
    default: return nil
    }
    interval = isEvents || request.wantsEvents ? try Self.interval(request.query) : nil
  }

  private static func interval(_ query: QueryItems) throws(ControlError) -> Int {
    guard let text = try query.value(PathSubscription.intervalName) else {
      return PathSubscription.defaultInterval
    }
    guard let interval = Int(text), PathSubscription.intervalRange.contains(interval) else {
      throw ControlError(.requestMalformed, "parameter \(PathSubscription.intervalName)")
    }
    return interval
  }
}

extension ControlRouter {
  func path(_ resource: PathResource) async throws(ControlError) -> ControlAnswer {
    let first = try await reading(of: resource.subject)
    guard let interval = resource.interval else {
      return .whole(ControlResponse(json: first.json))
    }
    return .events(
      PathSubscription(milliseconds: interval, first: first.json) { () throws(ControlError) in
        try await reading(of: first.following).json
      })
  }

  /// What is told now, and whom further readings are about: a socket is looked for once, then its
  /// peer is meant.
  private func reading(
    of subject: PathResource.Subject
  ) async throws(ControlError) -> (json: Data, following: PathResource.Subject) {
    switch subject {
    case .all:
      return (try ControlJSON.encode(PathListReport(paths: try await backend.paths())), .all)
    case .one(let query):
      let report = try await backend.path(query)
      let peer = PeerSelector(text: report.permID).map { PathQuery.peer($0) }
      return (try ControlJSON.encode(report), .one(peer ?? query))
    }
  }
}
