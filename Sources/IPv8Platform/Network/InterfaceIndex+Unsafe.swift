import Glibc

/// The kernel's number of a network interface, in the network namespace of the caller.
public struct InterfaceIndex: Hashable, Sendable {
  public let value: UInt32

  public init(_ value: UInt32) { self.value = value }

  /// The interface that bears `name` now; nil if there is none.
  public init?(named name: String) {
    // Sound: the name is passed as a C string that lives for the call.
    let value = unsafe if_nametoindex(name)
    guard value > 0 else { return nil }
    self.value = value
  }
}
