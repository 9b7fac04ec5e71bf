/// A file's content and who may see it.
public struct FileContents: Equatable, Sendable {
  public let bytes: [UInt8]
  /// The permission bits, such as 0o600.
  public let mode: UInt32
  /// The owner's user id.
  public let owner: UInt32
}
