import FoundationEssentials
import NIOCore
import NIOHTTP1

/// One request with its body.
struct ControlRequest: Sendable {
  /// Bytes of a request's body.
  static let bodyLimit = 64 << 10

  let method: HTTPMethod
  /// Without the query.
  let path: Substring
  let query: QueryItems
  /// Whether the client wants server-sent events.
  let wantsEvents: Bool
  private let clientKeepsAlive: Bool
  private(set) var body = Data()

  init(_ head: HTTPRequestHead) {
    method = head.method
    path = head.uri.prefix { $0 != "?" }
    query = QueryItems(uri: head.uri)
    wantsEvents = head.headers[canonicalForm: "Accept"].contains {
      $0.hasPrefix("text/event-stream")
    }
    clientKeepsAlive = head.isKeepAlive
  }

  var isTooLarge: Bool { body.count > Self.bodyLimit }

  /// False also where the rest of the body is left unread.
  var keepsAlive: Bool { clientKeepsAlive && !isTooLarge }

  mutating func append(_ bytes: ByteBuffer) { body.append(contentsOf: bytes.readableBytesView) }
}
