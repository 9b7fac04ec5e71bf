import IPv8Crypto
import IPv8Wire

/// STUN requests that wait for their responses: sent again until one comes or they are given up.
struct STUNClient<Purpose: Sendable>: Sendable {
  /// When a request is sent again, after its first time.
  static var resends: [Interval] { [.milliseconds(250), .milliseconds(750), .milliseconds(1750)] }
  /// When it is given up.
  static var patience: Interval { .milliseconds(3250) }
  /// Bytes that requests are padded to: as many as the fullest answer over IPv6 has, so that no
  /// server need refuse or shorten it.
  static var requestByteCount: Int { 100 }
  /// Requests that wait at once; more are not sent.
  static var limit: Int { 128 }

  struct Request: Sendable {
    let transaction: STUNTransaction
    let bytes: [UInt8]
    let purpose: Purpose
    let socket: LocalSocket
    let destination: Endpoint
    let firstSent: Timestamp
    var sendCount = 1
    var next: Timestamp
  }

  private(set) var requests: [Request] = []

  var nextDeadline: Timestamp { requests.map(\.next).min() ?? .distantFuture }

  mutating func ask(
    _ purpose: Purpose, of destination: Endpoint, on socket: LocalSocket, change: STUNChange = [],
    id: [UInt8], at now: Timestamp, into actions: inout [TraversalAction]
  ) {
    guard requests.count < Self.limit else { return }
    let transaction = STUNTransaction(id: id)
    var message = STUNMessage(.request, transaction: transaction)
    if !change.isEmpty { message.changeRequest = change }
    let bytes = Self.padded(message)
    requests.append(
      Request(
        transaction: transaction, bytes: bytes, purpose: purpose, socket: socket,
        destination: destination, firstSent: now, next: now + Self.resends[0]))
    actions.append(.send(bytes, to: destination, on: socket))
  }

  /// The request's bytes, made long with SOFTWARE, which every server skips.
  static func padded(_ message: STUNMessage) -> [UInt8] {
    var message = message
    let short = message.bytes(fingerprint: true).count
    message.software = [UInt8](repeating: 0x20, count: max(requestByteCount - short - 4, 0))
    return message.bytes(fingerprint: true)
  }

  /// The request that `message` answers, or, where it is a request, is; no longer waiting.
  mutating func take(_ message: STUNMessage, where fits: (Request) -> Bool) -> Request? {
    guard
      let place = requests.firstIndex(where: {
        $0.transaction == message.transaction && fits($0)
      })
    else { return nil }
    return requests.remove(at: place)
  }

  /// Sends again what is due; returns what is given up.
  mutating func advance(
    to now: Timestamp, into actions: inout [TraversalAction]
  ) -> [Request] {
    var failed: [Request] = []
    var waiting: [Request] = []
    for var request in requests {
      guard request.next <= now else {
        waiting.append(request)
        continue
      }
      if now - request.firstSent >= Self.patience {
        failed.append(request)
        continue
      }
      actions.append(.send(request.bytes, to: request.destination, on: request.socket))
      let later = Self.resends.first { request.firstSent + $0 > now }
      request.sendCount += 1
      request.next = request.firstSent + (later ?? Self.patience)
      waiting.append(request)
    }
    requests = waiting
    return failed
  }

  mutating func abandon(where condition: (Request) -> Bool) { requests.removeAll(where: condition) }
}
