import FoundationEssentials
import NIOHTTP1

/// What becomes of a request.
enum ControlAnswer: Sendable {
  case whole(ControlResponse)
  case events(PathSubscription)
}

/// What is answered at once: a status, and JSON where there is something to say.
struct ControlResponse: Sendable {
  let status: HTTPResponseStatus
  let body: Data

  static let done = ControlResponse(status: .noContent, body: Data())

  init(_ report: some Encodable) throws(ControlError) {
    self.init(status: .ok, body: try ControlJSON.encode(report))
  }

  init(json: Data) { self.init(status: .ok, body: json) }

  init(failure: ControlError) {
    do throws(ControlError) {
      self.init(status: failure.httpStatus, body: try ControlJSON.encode(ErrorReport(failure)))
    } catch {
      self.init(status: .internalServerError, body: Data())
    }
  }

  private init(status: HTTPResponseStatus, body: Data) {
    self.status = status
    self.body = body
  }

  func head(keepsAlive: Bool) -> HTTPResponseHead {
    var headers = HTTPHeaders()
    if !body.isEmpty { headers.add(name: "Content-Type", value: "application/json") }
    if status != .noContent { headers.add(name: "Content-Length", value: "\(body.count)") }
    if !keepsAlive { headers.add(name: "Connection", value: "close") }
    return HTTPResponseHead(version: .http1_1, status: status, headers: headers)
  }
}

extension ControlError {
  var httpStatus: HTTPResponseStatus {
    switch code {
    case .peerUnknown, .routeUnknown, .addressNotLocal, .socketUnknown: .notFound
    case .peerAmbiguous, .nameTaken, .peerIsSelf: .conflict
    case .permIDMalformed, .endpointMalformed, .nameInvalid, .tooManyEndpoints, .requestMalformed,
      .strengthInvalid, .admissionInvalid, .classInvalid:
      .badRequest
    case .tooManyContacts, .tooManyBlocked, .tooManyRelations, .tooManyClasses, .diskFull:
      .insufficientStorage
    case .methodNotAllowed: .methodNotAllowed
    case .requestTooLarge: .payloadTooLarge
    case .permissionDenied: .forbidden
    case .timeout: .gatewayTimeout
    case .stateBusy, .notRunning, .notResponding, .tooManySubscribers: .serviceUnavailable
    case .storage, .identityMissing, .stateMissing, .internalError: .internalServerError
    }
  }
}
