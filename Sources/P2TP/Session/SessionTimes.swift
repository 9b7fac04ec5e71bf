import IPv8Wire

/// How long things of an open session last (docs/protocol: lifetimes).
public enum SessionTimes {
  /// After this nothing is sealed or opened.
  public static let lifetime = Interval.seconds(180)
  /// The initiator asks for a new handshake when it sends at this age.
  static let initiatorRekey = Interval.seconds(120)
  /// The responder does so later, where the initiator did not.
  static let responderRekey = Interval.seconds(165)
  /// Data received and nothing sent for so long: an empty record tells the peer we live.
  static let passiveKeepalive = Interval.seconds(10)
  /// Keeps a NAT's mapping while the session is in use, where no other time was measured.
  public static let natKeepalive = Interval.seconds(25)
  /// A session counts as in use for so long after a data record.
  public static let inUse = Interval.seconds(600)
  /// Sent something and heard nothing for so long: the peer may have restarted.
  static let silence = Interval.seconds(15)
  /// An initiator repeats its first record so soon, then at doubled intervals, until the peer's
  /// first one decrypts (rule R4); after the last time a new handshake is due.
  static let confirmationInterval = Interval.milliseconds(250)
  static let confirmationPatience = CookieIssuer.lifetime
  /// A peer's cookie is answered at most so often (rule R4).
  static let cookieAnswerGap = Interval.milliseconds(20)
  /// After a record that may be lost for its size, a loss signalled within so long is taken for its.
  static let lossExcuse = Interval.seconds(1)
  /// Records after which the outbound side is told of them, should nothing else be urgent.
  static let recordsUntold: UInt32 = 1024
}
