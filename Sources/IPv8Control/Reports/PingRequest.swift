/// Asks for one echo.
public struct PingRequest: Codable, Equatable, Sendable {
  /// The longest wait, milliseconds.
  public static let timeoutLimit = 60_000

  public var peer: PeerSelector
  /// 1...60000
  public var timeoutMilliseconds: Int

  public init(peer: PeerSelector, timeoutMilliseconds: Int) {
    self.peer = peer
    self.timeoutMilliseconds = timeoutMilliseconds
  }
}
