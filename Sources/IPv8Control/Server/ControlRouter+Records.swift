import NIOHTTP1

extension ControlRouter {
  /// `records`, or `records/export`.
  func records(
    _ request: ControlRequest, _ last: Substring
  ) async throws(ControlError) -> ControlResponse {
    switch (last, request.method) {
    case ("export", _):
      try require([.GET], request)
      let cursor = try request.query.value("after")
      return try ControlResponse(try await backend.exportRecords(after: cursor))
    case ("records", .POST):
      let records = try ControlJSON.decode(RecordImport.self, from: request.body)
      return try ControlResponse(try await backend.importRecords(records))
    case ("records", _):
      try require([.GET, .POST], request)
      return try ControlResponse(try await backend.records())
    default: throw ControlError(.routeUnknown, "\(request.path)")
    }
  }
}
