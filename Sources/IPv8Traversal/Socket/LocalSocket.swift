import IPv8Wire

/// A local UDP endpoint as the shell knows it: a socket, and the source address it sends from.
public struct LocalSocket: Hashable, Sendable, Comparable {
  public let number: Int

  public init(_ number: Int) { self.number = number }

  /// The socket of the P2TP port, which all sessions share.
  public static let main = LocalSocket(0)

  public static func < (a: LocalSocket, b: LocalSocket) -> Bool { a.number < b.number }
}

/// A family of underlay addresses.
public enum AddressFamily: Sendable, Hashable, CaseIterable {
  case v4, v6
}

extension IPAddress {
  public var family: AddressFamily {
    switch self {
    case .v4: .v4
    case .v6: .v6
    }
  }
}

/// What the machines of this target want done; the engine carries it out in order.
public enum TraversalAction: Sendable, Equatable {
  /// Open a UDP socket on a port of the kernel's choice; tell its endpoint when it stands.
  case open(LocalSocket, AddressFamily)
  case close(LocalSocket)
  /// Send these bytes as one datagram from that socket.
  case send([UInt8], to: Endpoint, on: LocalSocket)
  /// Connect by TCP, send these bytes, read to the end (5 s and `HTTPResponse.byteLimit` bytes at
  /// most), and hand what came to who asked, under the number; nothing where it failed.
  case exchange(Int, [UInt8], with: Endpoint)
}
