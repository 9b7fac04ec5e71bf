import FlyingFox
import FlyingSocks
import Foundation
import Glibc
import IPv8Wire

/// The daemon behind a Unix socket. One connection per request.
public struct ControlClient: ControlBackend {
  /// For requests that wait for nobody.
  static let answerMilliseconds = 10_000

  private let socket: ControlSocket

  public init(path: String) throws(ControlError) {
    socket = try ControlSocket(path: path)
  }

  public func version() async throws(ControlError) -> VersionReport {
    try await request(.GET, "version")
  }

  public func identity() async throws(ControlError) -> IdentityReport {
    try await request(.GET, "identity")
  }

  public func status() async throws(ControlError) -> StatusReport {
    try await request(.GET, "status")
  }

  public func peers() async throws(ControlError) -> [PeerReport] {
    let list: PeerListReport = try await request(.GET, "peers")
    return list.peers
  }

  public func addPeer(
    _ permID: PermID, _ addition: PeerAddition
  ) async throws(ControlError) -> PeerReport {
    try await request(.PUT, "peers/\(permID)", try ControlJSON.encode(addition))
  }

  public func removePeer(_ selector: PeerSelector) async throws(ControlError) {
    _ = try await send(.DELETE, "peers/\(selector)", Data(), Self.answerMilliseconds)
  }

  public func ping(_ request: PingRequest) async throws(ControlError) -> PingReport {
    let data = try await send(
      .POST, "ping", try ControlJSON.encode(request),
      request.timeoutMilliseconds + Self.answerMilliseconds)
    return try ControlJSON.decode(PingReport.self, from: data)
  }

  public func down() async throws(ControlError) {
    _ = try await send(.POST, "down", Data(), Self.answerMilliseconds)
  }

  private func request<T: Decodable>(
    _ method: HTTPMethod, _ route: String, _ body: Data = Data()
  ) async throws(ControlError) -> T {
    let data = try await send(method, route, body, Self.answerMilliseconds)
    return try ControlJSON.decode(T.self, from: data)
  }

  /// The body of the answer; an error that it reports is thrown.
  private func send(
    _ method: HTTPMethod, _ route: String, _ body: Data, _ milliseconds: Int
  ) async throws(ControlError) -> Data {
    let (status, data) = try await exchange(method, route, body, milliseconds)
    guard (200..<300).contains(status) else {
      throw try ControlJSON.decode(ErrorReport.self, from: data).controlError
    }
    return data
  }

  private func exchange(
    _ method: HTTPMethod, _ route: String, _ body: Data, _ milliseconds: Int
  ) async throws(ControlError) -> (Int, Data) {
    let path = socket.path
    let request = HTTPRequest(
      method: method, version: .http11, path: "/v1/\(route)", query: [],
      headers: [.host: "localhost", .connection: "close"], body: body)
    do {
      return try await withThrowingTaskGroup(of: (Int, Data).self) { group in
        group.addTask {
          var client = HTTPClient()
          let response = try await client.sendHTTPRequest(request, to: .unix(path: path))
          return (response.statusCode.code, try await response.bodyData)
        }
        group.addTask {
          try await Task.sleep(for: .milliseconds(milliseconds))
          throw ControlError(.notResponding, path)
        }
        defer { group.cancelAll() }
        guard let answer = try await group.next() else { throw CancellationError() }
        return answer
      }
    } catch {
      throw failure(error)
    }
  }

  private func failure(_ error: any Error) -> ControlError {
    switch error {
    case let error as ControlError: error
    case SocketError.failed(_, let code, _) where code == EACCES || code == EPERM:
      ControlError(.permissionDenied, socket.path)
    case SocketError.failed(_, let code, _)
    where code == ECONNREFUSED || code == ENOENT || code == ENOTDIR:
      ControlError(.notRunning, socket.path)
    default: ControlError(.notResponding, socket.path)
    }
  }
}
