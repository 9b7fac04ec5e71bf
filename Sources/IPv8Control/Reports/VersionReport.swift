/// The release that answers.
public struct VersionReport: Codable, Equatable, Sendable {
  public var version: String

  public init(version: String) { self.version = version }
}
