/// The whole daemon at one moment.
public struct StatusReport: Codable, Equatable, Sendable {
  public var version: String
  public var permID: String
  public var name: String
  public var interface: String
  public var address6: String
  public var address4: String?
  /// The UDP port.
  public var port: Int
  /// Of the interface, bytes.
  public var mtu: Int
  public var uptimeSeconds: Int
  public var dataPath: DataPathReport
  /// Packets and datagrams by what became of them.
  public var counters: [String: Int]
  public var peers: [PeerReport]

  public init(
    version: String, permID: String, name: String, interface: String, address6: String,
    address4: String?, port: Int, mtu: Int, uptimeSeconds: Int, dataPath: DataPathReport,
    counters: [String: Int], peers: [PeerReport]
  ) {
    self.version = version
    self.permID = permID
    self.name = name
    self.interface = interface
    self.address6 = address6
    self.address4 = address4
    self.port = port
    self.mtu = mtu
    self.uptimeSeconds = uptimeSeconds
    self.dataPath = dataPath
    self.counters = counters
    self.peers = peers
  }
}
