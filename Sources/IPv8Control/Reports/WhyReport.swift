/// Why the path to a peer is what it is.
public struct WhyReport: Codable, Equatable, Sendable {
  /// Something that happened on the way there.
  public struct Event: Codable, Equatable, Sendable {
    /// Unix time.
    public var atMilliseconds: Int
    /// In words.
    public var what: String

    public init(atMilliseconds: Int, what: String) {
      self.atMilliseconds = atMilliseconds
      self.what = what
    }
  }

  public var permID: String
  public var name: String
  /// One paragraph.
  public var explanation: String
  /// The oldest first.
  public var events: [Event]

  public init(permID: String, name: String, explanation: String, events: [Event]) {
    self.permID = permID
    self.name = name
    self.explanation = explanation
    self.events = events
  }
}
