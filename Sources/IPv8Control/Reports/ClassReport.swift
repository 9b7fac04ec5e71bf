/// The class that was declared for a flow, or for a peer.
public struct ClassReport: Codable, Equatable, Sendable {
  public var permID: String
  /// Of the peer.
  public var name: String
  /// `tcp` or `udp`; nil for a peer, as the two ends.
  public var `protocol`: String?
  public var local: String?
  public var remote: String?
  /// `interactive`, `normal` or `background`.
  public var `class`: String
  /// Nil where it has no end.
  public var secondsLeft: Int?

  public init(
    permID: String, name: String, protocol: String? = nil, local: String? = nil,
    remote: String? = nil, class: String, secondsLeft: Int? = nil
  ) {
    self.permID = permID
    self.name = name
    self.protocol = `protocol`
    self.local = local
    self.remote = remote
    self.class = `class`
    self.secondsLeft = secondsLeft
  }
}

/// All of them.
public struct ClassListReport: Codable, Equatable, Sendable {
  public var classes: [ClassReport]

  public init(classes: [ClassReport]) { self.classes = classes }
}

/// Declares a class.
public struct ClassWish: Codable, Equatable, Sendable {
  public static let lifetimeRange = 1...86_400

  public var `class`: String
  /// Without it, a flow's ends after an hour and a peer's with the daemon.
  public var lifetimeSeconds: Int?

  public init(class: String, lifetimeSeconds: Int? = nil) {
    self.class = `class`
    self.lifetimeSeconds = lifetimeSeconds
  }
}
