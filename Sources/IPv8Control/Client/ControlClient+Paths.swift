import FoundationEssentials
import NIOCore
import NIOHTTP1

extension ControlClient {
  public func paths() async throws(ControlError) -> [PathQualityReport] {
    let list: PathListReport = try await request(.GET, "paths")
    return list.paths
  }

  public func path(_ query: PathQuery) async throws(ControlError) -> PathQualityReport {
    try await request(.GET, Self.route(to: "path", of: query))
  }

  /// Calls `each` with what is told of a path, now and then at every interval, until the task is
  /// cancelled or the daemon ends, which is an error.
  ///
  /// - Parameter milliseconds: 100 to 60000.
  public func watch(
    _ query: PathQuery, every milliseconds: Int,
    _ each: @escaping @Sendable (PathQualityReport) throws(ControlError) -> Void
  ) async throws(ControlError) {
    let route = Self.route(to: "path", of: query)
    let interval = "\(PathSubscription.intervalName)=\(milliseconds)"
    let uri = "/v1/\(route)\(route.contains("?") ? "&" : "?")\(interval)"
    let head = HTTPRequestHead(
      version: .http1_1, method: .GET, uri: uri,
      headers: ["Host": "localhost", "Accept": "text/event-stream", "Connection": "close"])
    try await converse(head) { parts in
      var reader = EventReader()
      var status = HTTPResponseStatus.ok
      var failure = Data()
      for try await part in parts {
        switch part {
        case .head(let head): status = head.status
        case .body(let bytes) where status == .ok:
          for event in reader.take(bytes.readableBytesView) { try Self.tell(event, each) }
          guard !reader.isTooLong else { throw ControlError(.internalError, "an endless event") }
        case .body(let bytes): failure.append(contentsOf: bytes.readableBytesView)
        case .end:
          guard status == .ok else {
            throw try ControlJSON.decode(ErrorReport.self, from: failure).controlError
          }
        }
      }
      throw ControlError(.notRunning, path)
    }
  }

  private static func tell(
    _ event: EventReader.Event, _ each: (PathQualityReport) throws(ControlError) -> Void
  ) throws(ControlError) {
    switch event.name {
    case "path": try each(try ControlJSON.decode(PathQualityReport.self, from: event.data))
    case "error": throw try ControlJSON.decode(ErrorReport.self, from: event.data).controlError
    default: break
    }
  }

  /// - Parameter resource: of a peer, or of a peer's socket.
  static func route(to resource: String, of query: PathQuery) -> String {
    switch query {
    case .peer(let selector):
      return "peers/\(PathSegment(selector.description).encoded)/\(resource)"
    case .socket(let socket):
      let items = QueryItems([
        ("protocol", socket.transport.rawValue), ("local", "\(socket.local)"),
        ("remote", "\(socket.remote)"),
      ])
      return "\(resource)?\(items.encoded)"
    }
  }
}
