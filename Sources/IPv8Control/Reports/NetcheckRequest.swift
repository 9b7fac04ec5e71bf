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
  /// Whether to check anew; otherwise what is known is told at once.
  public var fresh: Bool

  public init(timeoutMilliseconds: Int, servers: [String] = [], fresh: Bool = true) {
    self.timeoutMilliseconds = timeoutMilliseconds
    self.servers = servers
    self.fresh = fresh
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    timeoutMilliseconds = try container.decode(Int.self, forKey: .timeoutMilliseconds)
    servers = try container.decodeIfPresent([String].self, forKey: .servers) ?? []
    fresh = try container.decodeIfPresent(Bool.self, forKey: .fresh) ?? true
  }
}
