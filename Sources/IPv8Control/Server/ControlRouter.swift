import IPv8Wire
import NIOHTTP1

/// From a request to a call of the backend and back (docs/reference/control-api.md).
struct ControlRouter: Sendable {
  let backend: any ControlBackend
  let access: ControlAccess

  func answer(_ request: ControlRequest) async -> ControlAnswer {
    do throws(ControlError) {
      return try await route(request)
    } catch {
      return .whole(ControlResponse(failure: error))
    }
  }

  private func route(_ request: ControlRequest) async throws(ControlError) -> ControlAnswer {
    guard !request.isTooLarge else {
      throw ControlError(.requestTooLarge, "\(ControlRequest.bodyLimit)")
    }
    let segments = request.path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard segments.first == "v1" else { throw ControlError(.routeUnknown, "\(request.path)") }
    if let resource = try PathResource(segments.dropFirst(), request) {
      try require([.GET], request)
      return try await path(resource)
    }
    guard access == .command || segments.dropFirst() == ["version"] else {
      throw ControlError(.permissionDenied, "\(request.path)")
    }
    if let response = try await trust(request, segments.dropFirst()) { return .whole(response) }
    if let response = try await classes(request, segments.dropFirst()) { return .whole(response) }
    return .whole(try await route(request, segments))
  }

  private func route(
    _ request: ControlRequest, _ segments: ArraySlice<Substring>
  ) async throws(ControlError) -> ControlResponse {
    switch (segments.dropFirst().first, segments.count) {
    case ("peers", 3):
      return try await peer(request, PathSegment(encoded: segments.last ?? ""))
    case ("peers", 4) where segments.last == "why":
      return try await why(request, PathSegment(encoded: segments.dropLast().last ?? ""))
    case ("ping", 2): return try await ping(request)
    case ("netcheck", 2): return try await netcheck(request)
    case ("relations", 2):
      try require([.POST], request)
      return try await relations(request)
    case ("records", 2), ("records", 3): return try await records(request, segments.last ?? "")
    case ("down", 2):
      try require([.POST], request)
      try await backend.down()
      return .done
    case (let facts?, 2): return try await read(facts, request)
    default: throw ControlError(.routeUnknown, "\(request.path)")
    }
  }

  private func read(
    _ facts: Substring, _ request: ControlRequest
  ) async throws(ControlError) -> ControlResponse {
    guard ["version", "identity", "status", "peers"].contains(facts) else {
      throw ControlError(.routeUnknown, "\(request.path)")
    }
    try require([.GET], request)
    switch facts {
    case "version": return try ControlResponse(try await backend.version())
    case "identity": return try ControlResponse(try await backend.identity())
    case "status": return try ControlResponse(try await backend.status())
    default: return try ControlResponse(PeerListReport(peers: try await backend.peers()))
    }
  }

  private func peer(
    _ request: ControlRequest, _ segment: PathSegment
  ) async throws(ControlError) -> ControlResponse {
    try require([.PUT, .DELETE], request)
    guard let text = segment.text, !text.isEmpty else {
      throw ControlError(.requestMalformed, "path")
    }
    guard request.method == .PUT else {
      guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
      try await backend.removePeer(selector)
      return .done
    }
    guard let permID = PermID(text: text) else { throw ControlError(.permIDMalformed, text) }
    let addition = try ControlJSON.decode(PeerAddition.self, from: request.body)
    return try ControlResponse(try await backend.addPeer(permID, addition))
  }

  private func why(
    _ request: ControlRequest, _ segment: PathSegment
  ) async throws(ControlError) -> ControlResponse {
    try require([.GET], request)
    guard let text = segment.text, !text.isEmpty else {
      throw ControlError(.requestMalformed, "path")
    }
    guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
    return try ControlResponse(try await backend.why(selector))
  }

  private func ping(_ request: ControlRequest) async throws(ControlError) -> ControlResponse {
    try require([.POST], request)
    let ping = try ControlJSON.decode(PingRequest.self, from: request.body)
    guard (1...PingRequest.timeoutLimit).contains(ping.timeoutMilliseconds) else {
      throw ControlError(.requestMalformed, "field timeoutMilliseconds")
    }
    return try ControlResponse(try await backend.ping(ping))
  }

  private func netcheck(_ request: ControlRequest) async throws(ControlError) -> ControlResponse {
    try require([.POST], request)
    let check = try ControlJSON.decode(NetcheckRequest.self, from: request.body)
    guard (1...NetcheckRequest.timeoutLimit).contains(check.timeoutMilliseconds) else {
      throw ControlError(.requestMalformed, "field timeoutMilliseconds")
    }
    return try ControlResponse(try await backend.netcheck(check))
  }

  func require(
    _ methods: [HTTPMethod], _ request: ControlRequest
  ) throws(ControlError) {
    guard methods.contains(request.method) else {
      throw ControlError(.methodNotAllowed, request.method.rawValue)
    }
  }
}
