/// Who is let in, and what that is decided by.
public struct AdmissionReport: Codable, Equatable, Sendable {
  /// `added`, `trusted` or `anyone`.
  public var admit: String
  /// Peers with records, and the records.
  public var signers: Int
  public var bindings: Int
  public var relations: Int
  /// Peers whose sessions exchange records now.
  public var connected: Int

  public init(admit: String, signers: Int, bindings: Int, relations: Int, connected: Int) {
    self.admit = admit
    self.signers = signers
    self.bindings = bindings
    self.relations = relations
    self.connected = connected
  }
}

/// Whom to let in from now on.
public struct AdmissionRequest: Codable, Equatable, Sendable {
  public var admit: String

  public init(admit: String) { self.admit = admit }
}

/// Whom the user blocked.
public struct BlockListReport: Codable, Equatable, Sendable {
  public var blocked: [String]

  public init(blocked: [String]) { self.blocked = blocked }
}
