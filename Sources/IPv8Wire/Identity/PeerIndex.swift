/// A contact's place in the tables of one process; never stored, never sent.
public struct PeerIndex: Hashable, Sendable {
  public let value: Int
  @inlinable
  public init(_ value: Int) { self.value = value }
}
