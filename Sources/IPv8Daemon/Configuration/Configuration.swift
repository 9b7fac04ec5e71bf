import Foundation
import IPv8Control
import IPv8Directory
import IPv8Node
import IPv8Platform
import IPv8Traversal
import IPv8Wire
import Logging

/// What the local user can choose (docs/reference/configuration.md).
public struct Configuration: Equatable, Sendable {
  public static let mtuRange = 1280...9000
  public static let stunServerLimit = 8
  public static let laneRange = 1...SessionID.strandLimit
  /// More would help few machines, and each costs memory.
  static let automaticLanes = 4

  public var interface = "ipv8"
  /// The UDP port; nil: chosen at random on the first start and kept.
  public var port: UInt16?
  /// Of the interface, bytes.
  public var mtu = 1420
  /// Pairs of threads that move packets; nil: half the processors, at most ``automaticLanes``.
  public var lanes: Int?
  /// Where the contacts' local IPv4 aliases lie; nil: none are given.
  public var aliasRange = IPv4Prefix(IPv4Address(0x6440_0000), length: 10)
  /// Whose rights the daemon keeps after its set-up.
  public var user = "ipv8-tun"
  /// The name that this peer gives itself; empty for none.
  public var name = ""
  /// Whether bare opens of strangers are answered.
  public var isPublic = false
  /// STUN servers that are asked, beside peers, where they see this host.
  public var stunServers: [HostPort] = []
  /// Two of this host's addresses, for a STUN service that can answer from the other one; or none.
  public var stunAddresses: [IPAddress] = []
  /// Whether the gateway is asked to map the port.
  public var mapsPorts = true
  /// Whether ports of NATs are guessed, and those of this host's NAT by peers.
  public var guessesPorts = true
  /// By which IPv4 hosts are reached from networks without IPv4.
  public var nat64 = NAT64Search.Setting.automatic
  /// The TCP port at which streams are accepted; nil: none are.
  public var httpsPort: UInt16?
  /// By which streams are dialled; nil: as the environment says.
  public var proxy: ProxyRoute?
  /// Whether contacts are looked for in this host's own networks.
  public var lanDiscovery = true
  /// For whom this host passes sealed packets on.
  public var relay = RelayPolicy.friends
  /// Who is let in, and by what score or chain of friends somebody is trusted.
  public var admit = AdmissionPolicy.trusted
  public var trustThreshold = DirectorySettings().trustThreshold
  public var friendHops = 0
  /// Signers whose records are kept.
  public var recordCapacity = DirectorySettings().recordCapacity
  /// Who may read the quality of paths.
  public var pathReaders = PathReaders.root
  public var rateControl = RateSetting.cubic
  /// Whether a session has the share of its inner flows or that of one.
  public var fairness = FairnessSetting.flow
  public var logLevel = Logger.Level.info

  public init() {}

  /// The proxy for streams, of this file or of the environment.
  var proxyRoute: ProxyRoute {
    proxy ?? ProxyRoute { ProcessInfo.processInfo.environment[$0] }
  }

  /// The lanes that this machine gets.
  var laneCount: Int {
    lanes ?? min(max(SystemProcessors.count / 2, 1), Self.automaticLanes)
  }
}
