import FoundationEssentials
import Glibc
import IPv8Wire
import NIOCore
import NIOHTTP1
import NIOPosix

/// The daemon behind a Unix socket. One connection per request.
public struct ControlClient: ControlBackend {
  /// For requests that wait for nobody.
  static let answerMilliseconds = 10_000

  typealias Answer = NIOAsyncChannelInboundStream<HTTPClientResponsePart>
  private typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, Never>

  private let socket: ControlSocket

  var path: String { socket.path }

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
    let segment = PathSegment(selector.description)
    _ = try await send(.DELETE, "peers/\(segment.encoded)", Data(), Self.answerMilliseconds)
  }

  public func ping(_ request: PingRequest) async throws(ControlError) -> PingReport {
    let data = try await send(
      .POST, "ping", try ControlJSON.encode(request),
      request.timeoutMilliseconds + Self.answerMilliseconds)
    return try ControlJSON.decode(PingReport.self, from: data)
  }

  public func why(_ selector: PeerSelector) async throws(ControlError) -> WhyReport {
    try await request(.GET, "peers/\(PathSegment(selector.description).encoded)/why")
  }

  public func netcheck(_ request: NetcheckRequest) async throws(ControlError) -> NetcheckReport {
    let data = try await send(
      .POST, "netcheck", try ControlJSON.encode(request),
      request.timeoutMilliseconds + Self.answerMilliseconds)
    return try ControlJSON.decode(NetcheckReport.self, from: data)
  }

  public func down() async throws(ControlError) {
    _ = try await send(.POST, "down", Data(), Self.answerMilliseconds)
  }

  func request<T: Decodable>(
    _ method: HTTPMethod, _ route: String, _ body: Data = Data()
  ) async throws(ControlError) -> T {
    let data = try await send(method, route, body, Self.answerMilliseconds)
    return try ControlJSON.decode(T.self, from: data)
  }

  /// The body of the answer; an error that it reports is thrown.
  func send(
    _ method: HTTPMethod, _ route: String, _ body: Data, _ milliseconds: Int
  ) async throws(ControlError) -> Data {
    let head = HTTPRequestHead(
      version: .http1_1, method: method, uri: "/v1/\(route)",
      headers: [
        "Host": "localhost", "Connection": "close", "Content-Length": "\(body.count)",
      ])
    let (status, data) = try await exchange(head, body, .milliseconds(Int64(milliseconds)))
    guard (200..<300).contains(status.code) else {
      throw try ControlJSON.decode(ErrorReport.self, from: data).controlError
    }
    return data
  }

  private func exchange(
    _ head: HTTPRequestHead, _ body: Data, _ limit: TimeAmount
  ) async throws(ControlError) -> (HTTPResponseStatus, Data) {
    try await converse(head, body, within: limit) { try await answer(in: $0) }
  }

  /// Sends a request and gives `body` what comes back.
  ///
  /// - Parameter limit: for all of it; nil where it may take forever.
  func converse<T>(
    _ head: HTTPRequestHead, _ content: Data = Data(), within limit: TimeAmount? = nil,
    _ body: (Answer) async throws -> T
  ) async throws(ControlError) -> T {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    defer { group.shutdownGracefully { _ in } }
    do {
      let connection = try await ClientBootstrap(group: group)
        .connect(unixDomainSocketPath: socket.path) { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHTTPClientHandlers()
            return try Connection(wrappingChannelSynchronously: channel)
          }
        }
      func converse() async throws -> T {
        try await connection.executeThenClose { parts in
          let channel = connection.channel
          channel.write(HTTPClientRequestPart.head(head), promise: nil)
          let bytes = ByteBuffer(bytes: content)
          channel.write(HTTPClientRequestPart.body(.byteBuffer(bytes)), promise: nil)
          channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
          return try await body(parts)
        }
      }
      guard let limit else { return try await converse() }
      return try await connection.channel.closing(after: limit) { try await converse() }
    } catch let error as ControlError {
      throw error
    } catch {
      throw failure(error)
    }
  }

  private func answer(
    in parts: Answer
  ) async throws -> (HTTPResponseStatus, Data) {
    var status = HTTPResponseStatus.ok
    var body = Data()
    for try await part in parts {
      switch part {
      case .head(let head): status = head.status
      case .body(let bytes): body.append(contentsOf: bytes.readableBytesView)
      case .end: return (status, body)
      }
    }
    throw ControlError(.notResponding, socket.path)
  }

  private func failure(_ error: any Error) -> ControlError {
    switch (error as? IOError)?.errnoCode {
    case EACCES, EPERM: ControlError(.permissionDenied, socket.path)
    case ECONNREFUSED, ENOENT, ENOTDIR: ControlError(.notRunning, socket.path)
    default: ControlError(.notResponding, socket.path)
    }
  }
}
