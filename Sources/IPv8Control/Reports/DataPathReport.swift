/// What the machine lends to the packet path, as probed at the start.
public struct DataPathReport: Codable, Equatable, Sendable {
  /// Ciphers, the preferred first.
  public var aead: [String]
  public var udpGSO: Bool
  public var udpGRO: Bool
  /// Offloads of the TUN device.
  public var tunOffload: [String]

  public init(aead: [String], udpGSO: Bool, udpGRO: Bool, tunOffload: [String]) {
    self.aead = aead
    self.udpGSO = udpGSO
    self.udpGRO = udpGRO
    self.tunOffload = tunOffload
  }
}
