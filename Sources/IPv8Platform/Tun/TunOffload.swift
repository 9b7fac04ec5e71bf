/// What the reader of a TUN device takes over from the kernel: packets larger than the MTU, to be
/// cut, and checksums not yet computed, both told by the ``OffloadHeader``.
public struct TunOffload: OptionSet, Hashable, Sendable {
  /// TUN_F_* bits of linux/if_tun.h.
  public let rawValue: UInt32

  public init(rawValue: UInt32) { self.rawValue = rawValue }

  public static let none: TunOffload = []
  public static let checksum = TunOffload(rawValue: 0x01)
  public static let tso4 = TunOffload(rawValue: 0x02)
  public static let tso6 = TunOffload(rawValue: 0x04)
  /// UDP over IPv4 and IPv6 (Linux 6.2).
  public static let uso = TunOffload(rawValue: 0x20 | 0x40)

  /// Everything that the packet path can do.
  public static let all: TunOffload = [.checksum, .tso4, .tso6, .uso]

  /// What is on, as `ethtool` abbreviates it.
  public var names: [String] {
    let known: [(TunOffload, String)] = [
      (.checksum, "checksum"), (.tso4, "tso4"), (.tso6, "tso6"), (.uso, "uso"),
    ]
    return known.filter { contains($0.0) }.map(\.1)
  }

  /// This and ever less, as older kernels take it: without USO, then without TSO, then nothing.
  var fallbacks: [TunOffload] {
    let sets = [self, subtracting(.uso), intersection(.checksum), .none]
    return sets.indices.filter { $0 == 0 || sets[$0] != sets[$0 - 1] }.map { sets[$0] }
  }
}
