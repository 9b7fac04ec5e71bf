/// A part of all records.
public struct RecordPage: Codable, Equatable, Sendable {
  /// A record each, as `ipv8-tun records export` writes it.
  public var lines: [String]
  /// Where the next part begins; nil behind the last.
  public var next: String?

  public init(lines: [String], next: String?) {
    self.lines = lines
    self.next = next
  }
}
