import IPv8Wire

/// What happens to streams.
public enum StreamEvent: Sendable, Equatable {
  /// The stream that was dialled for this peer is there.
  case opened(PeerIndex, number: UInt32)
  /// No address that was dialled for this peer takes streams.
  case failed(PeerIndex)
  /// A stream that was open is gone.
  case closed(number: UInt32)
}
