/// Round trips by the current path, in this session (RFC 6298 §2).
public struct RoundTripReport: Codable, Equatable, Sendable {
  public var minimumMicroseconds: Int
  public var smoothedMicroseconds: Int
  public var variationMicroseconds: Int
  public var latestMicroseconds: Int

  public init(
    minimumMicroseconds: Int, smoothedMicroseconds: Int, variationMicroseconds: Int,
    latestMicroseconds: Int
  ) {
    self.minimumMicroseconds = minimumMicroseconds
    self.smoothedMicroseconds = smoothedMicroseconds
    self.variationMicroseconds = variationMicroseconds
    self.latestMicroseconds = latestMicroseconds
  }
}

/// One direction of what crosses. Of records to the peer, its own reports tell.
public struct TrafficReport: Codable, Equatable, Sendable {
  /// Of inner packets, since the daemon's start.
  public var bytes: Int
  /// Of inner packets, over the last 1.1 to 1.6 s.
  public var bitsPerSecond: Int
  /// Sealed datagrams whose fate is known, since the daemon's start.
  public var arrivedRecords: Int
  public var lostRecords: Int
  /// 0...1, since the daemon's start; nil before anything is known.
  public var lossRatio: Double?
  /// 0...1, over the last 10 s; nil where nothing is known of them.
  public var recentLossRatio: Double?

  public init(
    bytes: Int = 0, bitsPerSecond: Int = 0, arrivedRecords: Int = 0, lostRecords: Int = 0,
    lossRatio: Double? = nil, recentLossRatio: Double? = nil
  ) {
    self.bytes = bytes
    self.bitsPerSecond = bitsPerSecond
    self.arrivedRecords = arrivedRecords
    self.lostRecords = lostRecords
    self.lossRatio = lossRatio
    self.recentLossRatio = recentLossRatio
  }
}

/// The largest packets, bytes.
public struct MTUReport: Codable, Equatable, Sendable {
  /// Of the interface.
  public var interfaceBytes: Int
  /// The largest inner packet that the path to this peer takes; nil where that was not measured.
  public var pathBytes: Int?

  public init(interfaceBytes: Int, pathBytes: Int? = nil) {
    self.interfaceBytes = interfaceBytes
    self.pathBytes = pathBytes
  }
}

/// What a session's rate control knows of the way to the peer.
public struct RateQualityReport: Codable, Equatable, Sendable {
  public var congestionWindowBytes: Int
  public var slowStartThresholdBytes: Int?
  public var inFlightBytes: Int
  /// What arrived lately.
  public var deliveryBitsPerSecond: Int?
  /// At which records leave.
  public var pacingBitsPerSecond: Int?
  /// An estimate of what the path would take.
  public var availableBitsPerSecond: Int?

  public init(
    congestionWindowBytes: Int, slowStartThresholdBytes: Int? = nil, inFlightBytes: Int,
    deliveryBitsPerSecond: Int? = nil, pacingBitsPerSecond: Int? = nil,
    availableBitsPerSecond: Int? = nil
  ) {
    self.congestionWindowBytes = congestionWindowBytes
    self.slowStartThresholdBytes = slowStartThresholdBytes
    self.inFlightBytes = inFlightBytes
    self.deliveryBitsPerSecond = deliveryBitsPerSecond
    self.pacingBitsPerSecond = pacingBitsPerSecond
    self.availableBitsPerSecond = availableBitsPerSecond
  }
}

/// Packets that wait for leave to be sent.
public struct QueueReport: Codable, Equatable, Sendable {
  public var packets: Int
  public var bytes: Int
  /// How long the packet that left last has waited.
  public var delayMicroseconds: Int?

  public init(packets: Int, bytes: Int, delayMicroseconds: Int? = nil) {
    self.packets = packets
    self.bytes = bytes
    self.delayMicroseconds = delayMicroseconds
  }
}

/// A way to a peer that packets do not take now.
public struct WayReport: Codable, Equatable, Sendable {
  /// Its round trip is that of the last answer alone.
  public var path: PathReport
  /// Since that answer.
  public var ageMicroseconds: Int

  public init(path: PathReport, ageMicroseconds: Int) {
    self.path = path
    self.ageMicroseconds = ageMicroseconds
  }
}
