import FlyingFox
import Foundation
import IPv8Wire

/// From a request to a call of the backend and back (docs/reference/control-api.md).
struct ControlRouter: HTTPHandler {
  /// Bytes of a request's body.
  static let bodyLimit = 64 << 10

  let backend: any ControlBackend

  func handleRequest(_ request: HTTPRequest) async -> HTTPResponse {
    do throws(ControlError) {
      return try await answer(request)
    } catch {
      return failure(error)
    }
  }

  private func answer(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
    let path = request.target.path()
    let segments = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
    guard segments.first == "v1" else { throw ControlError(.routeUnknown, path) }
    switch (segments.dropFirst().first, segments.count) {
    case ("peers", 3): return try await peer(request, named: segments.last ?? "")
    case ("ping", 2): return try await ping(request)
    case ("down", 2):
      try require([.POST], request)
      try await backend.down()
      return HTTPResponse(statusCode: .noContent)
    case (let facts?, 2): return try await read(facts, request)
    default: throw ControlError(.routeUnknown, path)
    }
  }

  private func read(
    _ facts: Substring, _ request: HTTPRequest
  ) async throws(ControlError) -> HTTPResponse {
    guard ["version", "identity", "status", "peers"].contains(facts) else {
      throw ControlError(.routeUnknown, request.target.path())
    }
    try require([.GET], request)
    switch facts {
    case "version": return try json(try await backend.version())
    case "identity": return try json(try await backend.identity())
    case "status": return try json(try await backend.status())
    default: return try json(PeerListReport(peers: try await backend.peers()))
    }
  }

  private func peer(
    _ request: HTTPRequest, named segment: Substring
  ) async throws(ControlError) -> HTTPResponse {
    try require([.PUT, .DELETE], request)
    guard let text = segment.removingPercentEncoding, !text.isEmpty else {
      throw ControlError(.requestMalformed, "path")
    }
    guard request.method == .PUT else {
      guard let selector = PeerSelector(text: text) else { throw ControlError(.peerUnknown, text) }
      try await backend.removePeer(selector)
      return HTTPResponse(statusCode: .noContent)
    }
    guard let permID = PermID(text: text) else { throw ControlError(.permIDMalformed, text) }
    let addition = try ControlJSON.decode(PeerAddition.self, from: try await body(of: request))
    return try json(try await backend.addPeer(permID, addition))
  }

  private func ping(_ request: HTTPRequest) async throws(ControlError) -> HTTPResponse {
    try require([.POST], request)
    let ping = try ControlJSON.decode(PingRequest.self, from: try await body(of: request))
    guard (1...PingRequest.timeoutLimit).contains(ping.timeoutMilliseconds) else {
      throw ControlError(.requestMalformed, "field timeoutMilliseconds")
    }
    return try json(try await backend.ping(ping))
  }

  private func require(_ methods: [HTTPMethod], _ request: HTTPRequest) throws(ControlError) {
    guard methods.contains(request.method) else {
      throw ControlError(.methodNotAllowed, request.method.rawValue)
    }
  }

  private func body(of request: HTTPRequest) async throws(ControlError) -> Data {
    var body = Data()
    do {
      for try await chunk in request.bodySequence {
        body.append(chunk)
        if body.count > Self.bodyLimit { break }
      }
    } catch {
      throw ControlError(.requestMalformed, "body")
    }
    guard body.count <= Self.bodyLimit else {
      throw ControlError(.requestTooLarge, "\(Self.bodyLimit)")
    }
    return body
  }

  private func json(
    _ value: some Encodable, _ status: HTTPStatusCode = .ok
  ) throws(ControlError) -> HTTPResponse {
    HTTPResponse(
      statusCode: status, headers: [.contentType: "application/json"],
      body: try ControlJSON.encode(value))
  }

  private func failure(_ error: ControlError) -> HTTPResponse {
    do throws(ControlError) {
      return try json(ErrorReport(error), error.httpStatus)
    } catch {
      return HTTPResponse(statusCode: .internalServerError)
    }
  }
}

extension ControlError {
  var httpStatus: HTTPStatusCode {
    switch code {
    case .peerUnknown, .routeUnknown: .notFound
    case .peerAmbiguous, .nameTaken, .peerIsSelf: .conflict
    case .permIDMalformed, .endpointMalformed, .nameInvalid, .tooManyEndpoints, .requestMalformed:
      .badRequest
    case .tooManyContacts, .diskFull: HTTPStatusCode(507, phrase: "Insufficient Storage")
    case .methodNotAllowed: .methodNotAllowed
    case .requestTooLarge: .payloadTooLarge
    case .permissionDenied: .forbidden
    case .timeout: .gatewayTimeout
    case .stateBusy, .notRunning, .notResponding: .serviceUnavailable
    case .storage, .identityMissing, .stateMissing, .internalError: .internalServerError
    }
  }
}
