import Glibc
import IPv8Wire

extension IPAddress {
  /// AF_INET or AF_INET6.
  var family: Int32 {
    switch self {
    case .v4: AF_INET
    case .v6: AF_INET6
    }
  }

  var bitWidth: Int {
    switch self {
    case .v4: 32
    case .v6: 128
    }
  }

  /// In network byte order.
  var bytes: [UInt8] {
    var bytes: [UInt8] = []
    switch self {
    case .v4(let address): bytes.append(bigEndian: address.value)
    case .v6(let address): bytes.append(bigEndian: address.value)
    }
    return bytes
  }
}

extension IPPrefix {
  /// Its first.
  public var address: IPAddress {
    switch self {
    case .v4(let prefix): .v4(prefix.address)
    case .v6(let prefix): .v6(prefix.address)
    }
  }

  public var length: Int {
    switch self {
    case .v4(let prefix): prefix.length
    case .v6(let prefix): prefix.length
    }
  }
}
