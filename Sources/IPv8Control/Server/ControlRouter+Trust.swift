import NIOHTTP1

extension ControlRouter {
  /// The answer to a request about trust; nil where it is about something else.
  ///
  /// - Parameter segments: of the path, behind the version.
  func trust(
    _ request: ControlRequest, _ segments: ArraySlice<Substring>
  ) async throws(ControlError) -> ControlResponse? {
    let parts = Array(segments)
    switch (parts.first, parts.count) {
    case ("peers", 3) where parts[2] == "trust":
      try require([.GET], request)
      return try ControlResponse(try await backend.trust(try selector(parts[1])))
    case ("peers", 3) where parts[2] == "friends":
      try require([.GET], request)
      let count = try Self.count(request.query)
      let peer = try selector(parts[1])
      return try ControlResponse(try await backend.friendPaths(peer, count: count))
    case ("friends", 1):
      try require([.GET], request)
      return try ControlResponse(try await backend.friends())
    case ("blocks", 1):
      try require([.GET], request)
      return try ControlResponse(try await backend.blocked())
    case ("blocks", 2):
      try require([.PUT, .DELETE], request)
      try await backend.setBlocked(try selector(parts[1]), request.method == .PUT)
      return .done
    case ("admission", 1):
      try require([.GET, .PUT], request)
      guard request.method == .PUT else {
        return try ControlResponse(try await backend.admission())
      }
      let wish = try ControlJSON.decode(AdmissionRequest.self, from: request.body)
      return try ControlResponse(try await backend.setAdmission(wish))
    default: return nil
    }
  }

  func selector(_ segment: Substring) throws(ControlError) -> PeerSelector {
    guard let text = PathSegment(encoded: segment).text, !text.isEmpty else {
      throw ControlError(.requestMalformed, "path")
    }
    guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
    return selector
  }

  private static func count(_ query: QueryItems) throws(ControlError) -> Int {
    guard let text = try query.value(FriendPathsReport.countName) else { return 3 }
    guard let count = Int(text), FriendPathsReport.countRange.contains(count) else {
      throw ControlError(.requestMalformed, "parameter \(FriendPathsReport.countName)")
    }
    return count
  }
}
