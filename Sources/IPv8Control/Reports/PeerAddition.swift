/// What the local user tells of a peer; what is left out stays as it was.
public struct PeerAddition: Codable, Equatable, Sendable {
  /// The petname.
  public var name: String?
  /// HOST:PORT or https://HOST[:PORT]; given ones replace those known.
  public var endpoints: [String]
  public var keepOpen: Bool?

  public init(name: String? = nil, endpoints: [String] = [], keepOpen: Bool? = nil) {
    self.name = name
    self.endpoints = endpoints
    self.keepOpen = keepOpen
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.decodeIfPresent(String.self, forKey: .name)
    endpoints = try container.decodeIfPresent([String].self, forKey: .endpoints) ?? []
    keepOpen = try container.decodeIfPresent(Bool.self, forKey: .keepOpen)
  }
}
