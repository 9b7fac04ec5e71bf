/// Why a request to the daemon failed: a stable code and the value that it is about.
public struct ControlError: Error, Equatable, Sendable {
  /// The codes of docs/reference/control-api.md; their texts never change.
  public enum Code: String, Sendable, CaseIterable {
    case notRunning
    case notResponding
    case permissionDenied
    case peerUnknown
    case peerAmbiguous
    case peerIsSelf
    case permIDMalformed
    case endpointMalformed
    case nameInvalid
    case nameTaken
    case tooManyEndpoints
    case tooManyContacts
    case tooManyBlocked
    case admissionInvalid
    case tooManyRelations
    case strengthInvalid
    case timeout
    /// An address that is not this machine's on the overlay.
    case addressNotLocal
    case socketUnknown
    case classInvalid
    case tooManyClasses
    case tooManySubscribers
    case stateBusy
    case diskFull
    /// A file of the state directory is damaged or cannot be used; the subject says which and why.
    case storage
    case identityMissing
    case stateMissing
    case requestMalformed
    case requestTooLarge
    case routeUnknown
    case methodNotAllowed
    case internalError
  }

  public let code: Code
  /// The value that the error is about, as the user gave it; for `storage`, the whole explanation.
  public let subject: String

  public init(_ code: Code, _ subject: String) {
    self.code = code
    self.subject = subject
  }
}

extension ControlError: ExplainedError {
  public var explanation: String {
    switch code {
    case .notRunning: "daemon at \(subject): not running; start it with 'ipv8-tun up'"
    case .notResponding: "daemon at \(subject): did not answer in time"
    case .permissionDenied: "\(subject): permission denied; run as root or join the daemon's group"
    case .peerUnknown: "peer \(subject): unknown; 'ipv8-tun peer list' shows the known ones"
    case .peerAmbiguous: "peer \(subject): several have this name; use the PermID"
    case .peerIsSelf: "peer \(subject): is this machine itself"
    case .permIDMalformed:
      "PermID \(subject): no valid key; take the 52 characters that 'ipv8-tun id' prints"
    case .endpointMalformed:
      "endpoint \(subject): must be HOST:PORT, [IPV6]:PORT or https://HOST[:PORT]"
    case .nameInvalid:
      "name \(subject): must be 1 to 32 bytes without control characters or '/', and no address"
    case .nameTaken: "name \(subject): belongs to another peer"
    case .tooManyEndpoints: "endpoints: at most \(subject) for one peer"
    case .tooManyContacts: "peers: at most \(subject) can be added"
    case .tooManyBlocked: "peers: at most \(subject) can be blocked"
    case .admissionInvalid: "admit \(subject): must be added, trusted or anyone"
    case .tooManyRelations: "relations: at most \(subject) of one kind can be signed"
    case .strengthInvalid: "strength \(subject): must be 0 to 1"
    case .addressNotLocal: "address \(subject): not this machine's on the overlay"
    case .socketUnknown: "socket \(subject): this machine has none"
    case .classInvalid: "class \(subject): must be interactive, normal or background"
    case .tooManyClasses: "classes: at most \(subject) can be declared at a time"
    case .tooManySubscribers: "subscriptions: at most \(subject) at a time; try again later"
    case .timeout: "peer \(subject): no answer in time"
    case .stateBusy: "state \(subject): in use by another process"
    case .diskFull: "\(subject): no space left on the disk; nothing was changed"
    case .storage: subject
    case .identityMissing: "identity \(subject): none yet; 'ipv8-tun up' makes it"
    case .stateMissing: "state \(subject): no such directory; 'ipv8-tun up' makes it"
    case .requestMalformed: "request \(subject): malformed"
    case .requestTooLarge: "request body: more than \(subject) bytes"
    case .routeUnknown: "route \(subject): unknown"
    case .methodNotAllowed: "method \(subject): not allowed for this route"
    case .internalError: "daemon: \(subject)"
    }
  }

  public var exitCode: ExitCode {
    switch code {
    case .notRunning: .notRunning
    case .timeout: .noAnswer
    case .peerUnknown, .peerAmbiguous, .addressNotLocal, .socketUnknown: .unknownPeer
    case .peerIsSelf, .permIDMalformed, .endpointMalformed, .nameInvalid, .nameTaken,
      .tooManyEndpoints, .tooManyContacts, .tooManyBlocked, .admissionInvalid,
      .tooManyRelations, .strengthInvalid, .classInvalid, .tooManyClasses:
      .usage
    case .permissionDenied: .noPermission
    case .notResponding, .stateBusy, .tooManySubscribers: .temporary
    case .diskFull: .cannotCreate
    case .storage: .data
    case .identityMissing, .stateMissing: .noInput
    case .requestMalformed, .requestTooLarge, .routeUnknown, .methodNotAllowed, .internalError:
      .software
    }
  }
}
