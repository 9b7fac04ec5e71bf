/// The return of one echo over the overlay.
public struct PingReport: Codable, Equatable, Sendable {
  public var permID: String
  public var name: String
  /// Which of several echoes this was, from 1.
  public var sequence: Int?
  /// From the request, the opening of a session included.
  public var rttMicroseconds: Int
  /// The path that the echo took.
  public var path: PathReport

  public init(
    permID: String, name: String, sequence: Int? = nil, rttMicroseconds: Int, path: PathReport
  ) {
    self.permID = permID
    self.name = name
    self.sequence = sequence
    self.rttMicroseconds = rttMicroseconds
    self.path = path
  }
}
