import IPv8Wire

/// What the inbound side of a session has learnt since it last told the outbound side: all that
/// one thread tells the other of records received.
public struct Reception: Sendable {
  public let session: SessionID
  /// Authentic records.
  public internal(set) var records: UInt32 = 0
  /// When the first and the last of them came; equal while there are none.
  public internal(set) var firstAt: Timestamp
  public internal(set) var lastAt: Timestamp
  /// When the first and the last data packet came; nil where none did.
  public internal(set) var dataAt: (first: Timestamp, last: Timestamp)?
  /// The peer said that it is where its newest record comes from.
  public internal(set) var saysHere = false
  /// Records with data.
  public internal(set) var dataRecords: UInt32 = 0
  /// Bytes of inner packets.
  public var dataBytes: UInt64 = 0
  /// Where the record with the highest counter so far came from, and the bytes of those since the
  /// source last changed; nil where all records were older ones.
  public internal(set) var newest: (source: Endpoint, byteCount: Int)?
  /// The peer's newest forward timestamp, and when it came; nil where there was none.
  public internal(set) var owed: (value: UInt32, arrived: Timestamp)?
  /// The peer returned one of our handshake's cookies (rule R4).
  public internal(set) var cookieReturned = false
  /// The LSS bit for our records from now on.
  public internal(set) var lss = false
  /// The LSS bit of the newest record; nil where all were older.
  public internal(set) var peerLSS: Bool?
  /// The peer's last report.
  public internal(set) var peerFeedback: Feedback?
  /// What a report of ours says, but for the hold time.
  public internal(set) var feedback = Feedback.none
  public internal(set) var roundTrip = RoundTrip()
  /// The samples of the round trip that came; nil where none did.
  public internal(set) var roundTrips: RoundTrips?
  /// When the peer's data is to be reported.
  public internal(set) var cadence = FeedbackCadence()
  /// Something in it must be answered at once.
  public internal(set) var isUrgent = false

  public struct RoundTrips: Sendable, Equatable {
    var count: UInt32 = 1
    var least: Interval
    var latest: Interval
  }

  init(_ session: SessionID, at now: Timestamp) {
    self.session = session
    firstAt = now
    lastAt = now
  }
}
