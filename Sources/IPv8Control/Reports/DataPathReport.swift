/// What the machine lends to the packet path, as probed at the start.
public struct DataPathReport: Codable, Equatable, Sendable {
  /// Ciphers, the preferred first.
  public var aead: [String]
  /// Pairs of threads that move packets.
  public var lanes: Int
  public var udpGSO: Bool
  public var udpGRO: Bool
  /// Offloads of the TUN device.
  public var tunOffload: [String]

  public init(
    aead: [String], lanes: Int, udpGSO: Bool, udpGRO: Bool, tunOffload: [String]
  ) {
    self.aead = aead
    self.lanes = lanes
    self.udpGSO = udpGSO
    self.udpGRO = udpGRO
    self.tunOffload = tunOffload
  }
}
