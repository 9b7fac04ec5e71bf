/// What a peer is to this host, which decides what it may do here (docs/protocol/admission.md).
public enum PeerClass: String, Sendable, CaseIterable {
  /// The user added it.
  case added
  /// Let in because those whom the user trusts vouch for it.
  case trusted
  /// Let in because everyone is.
  case guest
  /// Not let in: it may exchange records and be introduced, nothing more.
  case stranger

  /// Whether its packets pass, and ours go to it.
  public var isLetIn: Bool { self != .stranger }

  /// Whether its word about us counts, and others are looked for by way of it.
  public var isTrusted: Bool { self == .added || self == .trusted }
}

/// Why a call was not answered.
public enum AdmissionRefusal: String, Sendable, CaseIterable {
  /// Contacts alone are let in.
  case notAdded
  case blocked
  /// There are as many strangers as may be.
  case strangers
  /// More unknown peers call than can be asked about.
  case inquiries
}
