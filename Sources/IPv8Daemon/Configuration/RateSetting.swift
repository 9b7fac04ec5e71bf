import P2TP

/// How what this host sends to a peer is held back.
public enum RateSetting: String, CaseIterable, Sendable {
  case cubic, off
}

/// What one peer's share of a bottleneck is, beside other senders.
public enum FairnessSetting: String, CaseIterable, Sendable {
  case flow, peer
}

extension Configuration {
  var rateMode: RateControl.Mode {
    switch rateControl {
    case .off: .observe
    case .cubic: .cubic(fairness: fairness == .flow ? .perFlow : .perPeer)
    }
  }
}
