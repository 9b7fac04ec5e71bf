import NIOHTTP1

extension ControlRouter {
  /// The answer to a request about classes of traffic; nil where it is about something else.
  ///
  /// - Parameter segments: of the path, behind the version.
  func classes(
    _ request: ControlRequest, _ segments: ArraySlice<Substring>
  ) async throws(ControlError) -> ControlResponse? {
    let parts = Array(segments)
    switch (parts.first, parts.count) {
    case ("classes", 1):
      try require([.GET], request)
      return try ControlResponse(ClassListReport(classes: try await backend.classes()))
    case ("class", 1):
      try require([.PUT, .DELETE], request)
      return try await change(PathQuery(request.query), request)
    case ("peers", 3) where parts[2] == "class":
      try require([.PUT, .DELETE], request)
      return try await change(.peer(try selector(parts[1])), request)
    default: return nil
    }
  }

  private func change(
    _ subject: PathQuery, _ request: ControlRequest
  ) async throws(ControlError) -> ControlResponse {
    guard request.method == .PUT else {
      try await backend.removeClass(of: subject)
      return .done
    }
    let wish = try ControlJSON.decode(ClassWish.self, from: request.body)
    if let lifetime = wish.lifetimeSeconds, !ClassWish.lifetimeRange.contains(lifetime) {
      throw ControlError(.requestMalformed, "field lifetimeSeconds")
    }
    return try ControlResponse(try await backend.setClass(of: subject, wish))
  }
}
