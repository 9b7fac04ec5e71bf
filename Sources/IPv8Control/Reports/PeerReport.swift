/// One contact and its session.
public struct PeerReport: Codable, Equatable, Sendable {
  public enum State: String, Codable, Sendable {
    case idle
    case opening
    case open
  }

  public var permID: String
  /// The petname; without one the name that the peer gives itself; empty without either.
  public var name: String
  /// The overlay address.
  public var address6: String
  /// The local IPv4 alias.
  public var address4: String?
  public var state: State
  public var path: PathReport
  /// As the local user told them, HOST:PORT or https://HOST[:PORT].
  public var endpoints: [String]
  public var binding: BindingReport?
  /// Whether a session is kept open without traffic.
  public var keepOpen: Bool
  /// The session's cipher.
  public var suite: String?
  /// Inner bytes since the daemon's start.
  public var sentBytes: Int
  /// Inner bytes since the daemon's start.
  public var receivedBytes: Int
  /// Time since the last authentic datagram.
  public var lastHeardMilliseconds: Int?
  /// 0...1
  public var lossRatio: Double?
  /// In full; nil while the daemon is down.
  public var quality: PathQualityReport?
  /// `trusted`, `guest` or `stranger`: it is none of the user's contacts; nil for these.
  public var admittedAs: String?

  public init(
    permID: String, name: String, address6: String, address4: String? = nil, state: State = .idle,
    path: PathReport = .none, endpoints: [String] = [], binding: BindingReport? = nil,
    keepOpen: Bool = false, suite: String? = nil, sentBytes: Int = 0, receivedBytes: Int = 0,
    lastHeardMilliseconds: Int? = nil, lossRatio: Double? = nil,
    quality: PathQualityReport? = nil, admittedAs: String? = nil
  ) {
    self.permID = permID
    self.name = name
    self.address6 = address6
    self.address4 = address4
    self.state = state
    self.path = path
    self.endpoints = endpoints
    self.binding = binding
    self.keepOpen = keepOpen
    self.suite = suite
    self.sentBytes = sentBytes
    self.receivedBytes = receivedBytes
    self.lastHeardMilliseconds = lastHeardMilliseconds
    self.lossRatio = lossRatio
    self.quality = quality
    self.admittedAs = admittedAs
  }
}
