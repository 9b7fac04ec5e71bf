import IPv8Wire

/// The congestion window of CUBIC (RFC 9438) in packets, growing and shrinking as that of several
/// flows together would.
struct CubicWindow: Sendable, Equatable {
  /// C of RFC 9438 §5, packets per second³.
  static let scale = 0.4
  /// What one flow keeps of its window at a loss (RFC 9438 §4.6), and at Congestion Experienced
  /// alone (RFC 8511 §3.1).
  static let lossFactor = 0.7
  static let congestionFactor = 0.85
  static let initial = 10.0
  static let least = 2.0
  /// Packets that a settled window grows by in a round trip, until its curve is steeper.
  static let settledIncrease = 0.25
  /// 375 MB in packets of 1,430 bytes: 10 Gbit/s over 300 ms.
  static let limit = 262_144.0

  /// cwnd.
  private(set) var window = initial
  /// ssthresh; infinite before the first reduction.
  private(set) var threshold = Double.infinity
  /// W_max: where the last reduction was, less by fast convergence.
  private(set) var greatest = 0.0
  /// cwnd_prior.
  private(set) var prior = 0.0
  /// W_est: what flows of Reno would have.
  private(set) var friendly = 0.0
  /// K, in seconds.
  private(set) var rise = 0.0
  /// When the present congestion avoidance began; nil before its first growth.
  private(set) var epoch: Timestamp?
  /// Whether it began anew where the path is full, and nothing was lost since.
  private var isSettled = false
  /// How many flows it stands for.
  var flows = 1.0

  var isSlowStart: Bool { window < threshold }

  /// What `flows` flows keep where one of them keeps `factor`.
  func kept(_ factor: Double) -> Double { (flows - 1 + factor) / flows }

  /// `acknowledged` packets arrived in slow start, of which each counts `share` (RFC 9406 §4.2).
  mutating func start(_ acknowledged: Double, share: Double) {
    window = min(window + acknowledged * share, threshold, Self.limit)
  }

  /// It stands for so many flows, each of which would have begun with a window of its own.
  mutating func stand(for count: Double) {
    flows = count
    if threshold == .infinity { window = max(window, Self.initial * count) }
  }

  /// Slow start ends without a loss (RFC 9438 §4.10).
  mutating func endSlowStart() {
    threshold = window
    epoch = nil
  }

  /// `acknowledged` packets arrived in congestion avoidance (RFC 9438 §4.2 to §4.5).
  mutating func grow(_ acknowledged: Double, roundTrip: Interval, at now: Timestamp) {
    let time = (now - begun(at: now)).asSeconds
    let cubic = curve(time)
    let target = min(max(curve(time + roundTrip.asSeconds), window), 1.5 * window)
    friendly += increase * acknowledged / window
    if cubic < friendly {
      window = max(window, friendly)
    } else {
      window += (target - window) * min(acknowledged / window, 1)
    }
    window = min(window, Self.limit)
  }

  /// The part of a packet by which Reno's window grows in a round trip (RFC 9438 §4.3).
  private var increase: Double {
    if isSettled { return Self.settledIncrease }
    guard friendly < prior else { return flows }
    let kept = kept(Self.lossFactor)
    return 3 * flows * flows * (1 - kept) / (1 + kept)
  }

  /// W_cubic at `time` seconds after the epoch.
  private func curve(_ time: Double) -> Double {
    let offset = time - rise
    return Self.scale * offset * offset * offset + greatest
  }

  private mutating func begun(at now: Timestamp) -> Timestamp {
    if let epoch { return epoch }
    greatest = max(greatest, window)
    rise = Self.cubeRoot((greatest - window) / Self.scale)
    friendly = window
    epoch = now
    return now
  }

  /// `time` in which the window was not used does not count (RFC 9438 §5.8).
  mutating func pause(_ time: Interval) {
    if let epoch { self.epoch = epoch + time }
  }

  /// One congestion event (RFC 9438 §4.6, §4.7).
  mutating func reduce(_ factor: Double, at now: Timestamp) {
    let kept = kept(factor)
    isSettled = false
    greatest = window < greatest ? window * (1 + kept) / 2 : window
    prior = window
    window = max(kept * window, Self.least)
    threshold = window
    friendly = window
    rise = Self.cubeRoot(max(greatest - window, 0) / Self.scale)
    epoch = now
  }

  /// Lets what is on the path drain.
  mutating func cut(to size: Double) { window = max(min(size, window), Self.least) }

  /// Begins anew from `size`, where the path is full: with no others to be a match for.
  mutating func settle(at size: Double) {
    isSettled = true
    window = min(max(size, Self.least), Self.limit)
    threshold = window
    greatest = window
    prior = window
    epoch = nil
  }

  /// There are others at the bottleneck: slow start is over, and growth is as fast as theirs.
  mutating func compete() {
    isSettled = false
    if isSlowStart { endSlowStart() }
    epoch = nil
  }

  /// The retransmission timeout passed (RFC 9438 §4.8; RFC 5681 §3.1: only the first of several
  /// lowers the threshold).
  ///
  /// - Parameter isAlone: the window is known to be what the path holds, so that it is the threshold.
  mutating func collapse(isRepeated: Bool, isAlone: Bool = false) {
    if !isRepeated, isAlone {
      threshold = max(window, Self.least)
    } else if !isRepeated {
      greatest = window < greatest ? window * (1 + kept(Self.lossFactor)) / 2 : window
      prior = window
      threshold = max(kept(Self.lossFactor) * window, Self.least)
    }
    isSettled = false
    window = Self.least
    epoch = nil
  }

  /// Nothing was sent for `idle`, which is longer than `timeout` (RFC 9438 §5.8, RFC 2861 in spirit).
  mutating func rest(_ idle: Interval, timeout: Interval) {
    let halvings = Double(idle.nanoseconds) / Double(max(timeout.nanoseconds, 1))
    let rested = halvings < 32 ? window / Double(UInt64(1) << UInt64(halvings)) : 0
    shrink(to: max(rested, Self.initial))
  }

  /// Begins again from a smaller window, towards the present one.
  mutating func shrink(to size: Double) {
    guard size < window else { return }
    if threshold < .infinity { threshold = max(threshold, 0.75 * window) }
    window = size
    epoch = nil
  }

  /// Newton's method; the start is within a factor of four.
  static func cubeRoot(_ value: Double) -> Double {
    guard value > 0 else { return 0 }
    var root = Double(sign: .plus, exponent: Int(value.exponent) / 3, significand: 1)
    for _ in 0..<8 { root = (2 * root + value / (root * root)) / 3 }
    return root
  }
}

extension Interval {
  var asSeconds: Double { Double(nanoseconds) / 1e9 }
}
