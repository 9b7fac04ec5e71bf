/// Asks what network this machine is in.
public struct NetcheckRequest: Codable, Equatable, Sendable {
  /// The longest wait, milliseconds.
  public static let timeoutLimit = 60_000
  /// Servers at most.
  public static let serverLimit = 8

  /// 1...60000
  public var timeoutMilliseconds: Int
  /// STUN servers to ask beside those known, HOST:PORT.
  public var servers: [String]

  public init(timeoutMilliseconds: Int, servers: [String] = []) {
    self.timeoutMilliseconds = timeoutMilliseconds
    self.servers = servers
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    timeoutMilliseconds = try container.decode(Int.self, forKey: .timeoutMilliseconds)
    servers = try container.decodeIfPresent([String].self, forKey: .servers) ?? []
  }
}
